#include "io/guarded_range.h"

#include <cerrno>
#include <csignal>
#include <mutex>
#include <tuple>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wcmp::io {
namespace {

#ifdef SYS_mmap2
constexpr long mmap_call = SYS_mmap2;  // 32 bits
#else
constexpr long mmap_call = SYS_mmap;
#endif

}  // namespace

// All of the process. The lock is one that a signal handler may take: whoever holds it reads no mapped file,
// so the thread that the signal stops is never the one that it would wait for.
class GuardedRanges {
public:
    static void add(GuardedRange& range) {
        std::call_once(installed_, install);
        const Locked locked;
        range.next_ = first_;
        if (first_ != nullptr) first_->previous_ = &range;
        first_ = &range;
    }

    static void remove(GuardedRange& range) {
        const Locked locked;
        if (range.previous_ != nullptr)
            range.previous_->next_ = range.next_;
        else
            first_ = range.next_;
        if (range.next_ != nullptr) range.next_->previous_ = range.previous_;
    }

private:
    struct Locked {
        Locked() {
            while (lock_.test_and_set(std::memory_order_acquire)) {
            }
        }
        Locked(const Locked&) = delete;
        Locked& operator=(const Locked&) = delete;
        ~Locked() { lock_.clear(std::memory_order_release); }
    };

    static void install() {
        page_bytes_ = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction action{};
        action.sa_sigaction = on_signal;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        ::sigemptyset(&action.sa_mask);
        ::sigaction(SIGBUS, &action, &before_);
    }

    // The reading that failed is done once more when this returns, and ends the process if nothing changed.
    static void on_signal(int, siginfo_t* info, void*) {
        const int error = errno;
        const bool of_memory = info->si_code == BUS_ADRERR || info->si_code == BUS_MCEERR_AR;
        if (!of_memory || !give_zeros(static_cast<char*>(info->si_addr))) {
            ::sigaction(SIGBUS, &before_, nullptr);
            if (!of_memory) std::ignore = ::raise(SIGBUS);
        }
        errno = error;
    }

    // By the system call itself: what else runs at the start of mmap() is not for a handler.
    static bool give_zeros(char* place) {
        const auto address = reinterpret_cast<std::uintptr_t>(place);
        const Locked locked;
        auto* range = first_;
        while (range != nullptr && address - range->start_ >= range->bytes_) range = range->next_;
        if (range == nullptr) return false;
        char* page = place - address % page_bytes_;
        if (::syscall(mmap_call, page, page_bytes_, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                      0) == -1)
            return false;
        range->is_whole_.store(false, std::memory_order_release);
        return true;
    }

    inline static std::once_flag installed_;
    inline static struct sigaction before_{};
    inline static std::uintptr_t page_bytes_ = 0;
    inline static std::atomic_flag lock_;
    inline static GuardedRange* first_ = nullptr;
};

GuardedRange::GuardedRange(const void* start, std::size_t bytes)
    : start_(reinterpret_cast<std::uintptr_t>(start)), bytes_(bytes) {
    GuardedRanges::add(*this);
}

GuardedRange::~GuardedRange() {
    GuardedRanges::remove(*this);
}

}  // namespace wcmp::io
