#include "node/timers.h"

#include <algorithm>
#include <optional>

namespace wcmp::node {

namespace {

// CLOCK_BOOTTIME goes on in suspend, the system's timer does not: look again at least this often.
constexpr Timers::Time arm_max = std::chrono::seconds(60);
constexpr Timers::Time arm_min = std::chrono::milliseconds(5);

}  // namespace

Timers::Timers(boost::asio::io_context& io, const Clock& clock) : clock_(clock), timer_(io) {}

Timers::Slot Timers::add(std::function<void()> call) {
    slots_.push_back({std::move(call)});
    return slots_.size() - 1;
}

void Timers::at(Slot slot, Time time) {
    slots_[slot].time = time;
    slots_[slot].set = true;
    arm();
}

void Timers::at_latest(Slot slot, Time time) {
    if (!slots_[slot].set || time < slots_[slot].time) at(slot, time);
}

void Timers::cancel(Slot slot) {
    slots_[slot].set = false;
}

void Timers::run_due() {
    const auto now = clock_.boot_time();
    for (std::size_t i = 0; i < slots_.size() && !stopped_; ++i) {
        if (!slots_[i].set || slots_[i].time > now) continue;
        slots_[i].set = false;
        const auto call = slots_[i].call;
        call();
    }
    arm();
}

void Timers::stop() {
    stopped_ = true;
    timer_.cancel();
}

void Timers::arm() {
    std::optional<Time> next;
    for (const auto& entry : slots_)
        if (entry.set && (!next || entry.time < *next)) next = entry.time;
    if (stopped_ || !next) return;
    timer_.expires_after(std::clamp(*next - clock_.boot_time(), arm_min, arm_max));
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error && !stopped_) run_due();
    });
}

}  // namespace wcmp::node
