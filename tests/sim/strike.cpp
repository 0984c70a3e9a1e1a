#include "strike.h"

namespace wcmp::sim {
namespace {

bool changes_something(bundle::test::Call call) {
    using bundle::test::Call;
    return call != Call::list && call != Call::open && call != Call::read;
}

bool is_of_reading(Blow blow) {
    return blow == Blow::store_unreadable || blow == Blow::drive_unreadable;
}

}  // namespace

std::string_view to_string(Blow blow) {
    switch (blow) {
    case Blow::none: return "nothing";
    case Blow::power_cut: return "the power is cut";
    case Blow::pulled: return "the drive is pulled out";
    case Blow::store_refuses: return "the store's disk refuses a call";
    case Blow::drive_refuses: return "the drive refuses a call";
    case Blow::store_unreadable: return "the store's disk gives nothing once";
    case Blow::drive_unreadable: return "the drive gives nothing once";
    }
    return "";
}

Strike::Strike(Blow blow, std::uint64_t after_calls, Relay& relay, Drive* drive)
    : blow_(blow), calls_left_(after_calls), relay_(relay), drive_(drive) {
    const bool store_only = blow == Blow::store_refuses || blow == Blow::store_unreadable;
    const bool drive_only =
        blow == Blow::pulled || blow == Blow::drive_refuses || blow == Blow::drive_unreadable;
    const auto before = [this](const auto& place) { return count(place.call); };
    if (blow == Blow::none) return;
    if (!drive_only) relay.watch.before = before;
    if (!store_only && drive != nullptr) drive->watch.before = before;
}

Strike::~Strike() {
    relay_.watch.before = nullptr;
    if (drive_ != nullptr) drive_->watch.before = nullptr;
}

// The call itself meets it then, and a write may get somewhere.
Result<void> Strike::count(bundle::test::Call call) {
    if (fell_ || is_of_reading(blow_) == changes_something(call)) return {};
    if (calls_left_-- == 0) {
        at_ = call;
        fall();
    }
    return {};
}

void Strike::fall() {
    fell_ = true;
    const io::Fault dead{.os_error = EIO, .lasts = io::Fault::Lasts::all};
    switch (blow_) {
    case Blow::none: return;
    case Blow::power_cut:
        relay_.files.fail_at(relay_.files.steps(), dead);
        if (drive_ != nullptr) drive_->files.fail_at(drive_->files.steps(), dead);
        return;
    case Blow::pulled: return drive_->files.fail_at(drive_->files.steps(), dead);
    case Blow::store_refuses: return relay_.files.fail_at(relay_.files.steps());
    case Blow::drive_refuses: return drive_->files.fail_at(drive_->files.steps());
    case Blow::store_unreadable: return relay_.files.fail_read_at(relay_.files.reads());
    case Blow::drive_unreadable: return drive_->files.fail_read_at(drive_->files.reads());
    }
}

}  // namespace wcmp::sim
