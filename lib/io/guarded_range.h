// Where a medium gives nothing, reading a mapped file is no error but a signal, SIGBUS, and the end of the
// process. In these ranges the page becomes one of zeros instead, and the range says so.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace wcmp::io {

// Of a mapping, from a page's start on, while it is mapped. The first one takes over SIGBUS for the process;
// a signal from elsewhere does what it did before.
class GuardedRange {
public:
    GuardedRange(const void* start, std::size_t bytes);
    GuardedRange(const GuardedRange&) = delete;
    GuardedRange& operator=(const GuardedRange&) = delete;
    ~GuardedRange();

    // False from the first page on that was not given: it stays zeros while the range is mapped.
    bool is_whole() const { return is_whole_.load(std::memory_order_acquire); }

private:
    friend class GuardedRanges;
    std::uintptr_t start_;
    std::size_t bytes_;
    std::atomic<bool> is_whole_{true};
    GuardedRange* next_ = nullptr;
    GuardedRange* previous_ = nullptr;
};

}  // namespace wcmp::io
