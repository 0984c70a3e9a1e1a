// Without wcmp-mountd no drive that is plugged in is used, and nothing else shows it: people are told.
#pragma once

#include "node/context.h"

namespace wcmp::node {

class MounterWatch {
public:
    // It may be started after the relay, and anew: that is no fault yet.
    static constexpr auto patience = std::chrono::seconds(60);

    explicit MounterWatch(Context& context);

    // Said once at the start where it is expected, and whenever it comes or goes.
    void mounter_is(bool there);

private:
    Context& context_;
    Timers::Slot missed_;
};

}  // namespace wcmp::node
