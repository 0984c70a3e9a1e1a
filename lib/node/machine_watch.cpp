#include "node/machine_watch.h"

#include "io/power.h"

namespace wcmp::node {

MachineWatch::MachineWatch(Context& context, std::filesystem::path sysfs)
    : context_(context), sysfs_(std::move(sysfs)), next_look_(context.timers.add([this] { look(); })) {}

void MachineWatch::look() {
    if (sysfs_.empty()) return;
    auto work = [sysfs = sysfs_] { return io::under_voltage(sysfs); };
    context_.home.run(context_.reader_worker, std::move(work), [this](bool is_low) {
        context_.warnings.set("under_voltage", is_low);
        context_.timers.in(next_look_, look_every);
    });
}

}  // namespace wcmp::node
