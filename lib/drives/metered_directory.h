// A drive's directory that counts what is read and written, and remembers when the medium failed.
#pragma once

#include "io/file.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

namespace wcmp::drives {

// Whether a drive still answers: a beat for every reading and writing that came back.
struct Pulse {
    std::atomic<std::uint64_t> beats = 0;
    std::atomic<bool> resting = false;  // what is waited for is not the drive
};

// Of one visit. When `bytes_max` are used up it asks the visit to stop, which then ends in good order; a
// visit that still goes on fails with Errc::cancelled once limits::visit_overdraft_bytes more are gone. When
// somebody asked it to stop, nothing more is opened.
//
// After a failed sync, or a write that the medium refused, nothing is written any more: what later calls say
// about a medium proves nothing. A drive that could be written to when it was opened and is read-only later
// has failed too: the kernel makes it so when it meets damage (errors=remount-ro), nobody's finger does.
class Meter {
public:
    Meter(std::uint64_t bytes_max, std::stop_source stop,
          std::shared_ptr<Pulse> pulse = std::make_shared<Pulse>(), bool writable = false)
        : bytes_max_(bytes_max), stop_(std::move(stop)), pulse_(std::move(pulse)), writable_(writable) {}

    Result<void> spend(std::uint64_t bytes);
    Result<void> may_open() const;
    Result<void> may_write() const;
    // Passes the result on of what writes: a write, a new name, a file that is opened for it; or of a sync.
    Result<void> noted(Result<void> written);
    Result<void> noted_sync(Result<void> synced);
    void noted(const io::Space& space);

    bool used_up() const;
    std::optional<Error> failure() const;

private:
    // With the lock held.
    void note(const Error& error);

    const std::uint64_t bytes_max_;
    mutable std::stop_source stop_;
    const std::shared_ptr<Pulse> pulse_;
    const bool writable_;
    mutable std::mutex mutex_;
    std::uint64_t bytes_ = 0;
    std::optional<Error> failure_;
};

std::unique_ptr<io::Directory> metered(std::unique_ptr<io::Directory> directory,
                                       std::shared_ptr<Meter> meter);

}  // namespace wcmp::drives
