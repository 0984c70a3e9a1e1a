// What is wrong with the machine the relay runs on, and no fault of the relay's: people are told.
#pragma once

#include "node/context.h"

#include <filesystem>

namespace wcmp::node {

class MachineWatch {
public:
    static constexpr auto look_every = std::chrono::minutes(1);

    // sysfs empty: there is nothing to look at.
    MachineWatch(Context& context, std::filesystem::path sysfs);

    // Looks at the power supply now, and then every minute: the kernel sends no event for it.
    void look();

private:
    Context& context_;
    std::filesystem::path sysfs_;
    Timers::Slot next_look_;
};

}  // namespace wcmp::node
