// What befalls an operation at one of its calls to a medium.
#pragma once

#include "relay.h"

namespace wcmp::sim {

enum class Blow : std::uint8_t {
    none,
    power_cut,         // the relay's box goes, and the drive's port with it
    pulled,            // the drive is pulled out
    store_refuses,     // one call that changes the store fails
    drive_refuses,     // one of the drive's
    store_unreadable,  // one reading
    drive_unreadable,
};
inline constexpr std::size_t blow_count = 7;
std::string_view to_string(Blow blow);

// Armed from its making to its end. Without a drive, what concerns one does nothing.
class Strike {
public:
    Strike(Blow blow, std::uint64_t after_calls, Relay& relay, Drive* drive);
    Strike(const Strike&) = delete;
    Strike& operator=(const Strike&) = delete;
    ~Strike();

    // It came to it; for a single refusal, it may have.
    bool fell() const { return fell_; }
    Blow blow() const { return blow_; }
    // It was the sync of a directory that was refused.
    bool hit_names() const { return fell_ && at_ == bundle::test::Call::sync_directory; }
    // What happened, for people.
    std::string text() const { return fell_ ? "; " + std::string(to_string(blow_)) : ""; }

private:
    Result<void> count(bundle::test::Call call);
    void fall();

    Blow blow_;
    std::uint64_t calls_left_;
    Relay& relay_;
    Drive* drive_;
    bool fell_ = false;
    bundle::test::Call at_{};
};

}  // namespace wcmp::sim
