#include "quiet_terminal.h"

#include <cerrno>
#include <tuple>

#include <poll.h>
#include <unistd.h>

namespace wcmp::program {
namespace {

constexpr std::array<int, 6> signals = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP, SIGCONT};

// The last that came; there is one terminal, and one thread that asks.
volatile std::sig_atomic_t came = 0;

void note(int number) {
    came = number;
}

sigset_t only(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    return set;
}

}  // namespace

QuietTerminal::QuietTerminal(int descriptor) : descriptor_(descriptor) {
    came = 0;
    sigset_t held;
    sigemptyset(&held);
    for (const int number : signals) sigaddset(&held, number);
    ::sigprocmask(SIG_BLOCK, &held, &mask_before_);
    for (std::size_t i = 0; i < signals.size(); ++i) {
        handled_[i].signal = signals[i];
        take(handled_[i]);
    }
    known_ = ::tcgetattr(descriptor_, &before_) == 0;
    quiet_ = be_quiet();
}

QuietTerminal::~QuietTerminal() {
    if (known_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    for (const auto& handled : handled_)
        if (handled.taken) ::sigaction(handled.signal, &handled.before, nullptr);
    ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

// What was ignored stays so, as under nohup(1).
void QuietTerminal::take(Handled& handled) {
    ::sigaction(handled.signal, nullptr, &handled.before);
    if (handled.before.sa_handler == SIG_IGN) return;
    struct sigaction ours{};
    ours.sa_handler = note;
    handled.taken = ::sigaction(handled.signal, &ours, nullptr) == 0;
}

bool QuietTerminal::be_quiet() {
    if (!known_) return false;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    return ::tcsetattr(descriptor_, TCSAFLUSH, &quiet) == 0;
}

// Signals come here and nowhere else, so that none is missed between looking and waiting.
Result<bool> QuietTerminal::ready_or_signalled() {
    pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (::ppoll(&waiting, 1, nullptr, &mask_before_) > 0) return true;
    if (errno != EINTR) return std::unexpected(error_from_errno("cannot wait for the terminal", errno));
    return false;
}

// True when the person has come back, and must be asked again.
bool QuietTerminal::hand_on_signal() {
    const int number = came;
    came = 0;
    if (number == 0) return false;
    if (number != SIGCONT) {
        if (known_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
        for (auto& handled : handled_) {
            if (handled.signal != number) continue;
            ::sigaction(number, &handled.before, nullptr);
            const auto one = only(number);
            std::ignore = ::raise(number);
            ::sigprocmask(SIG_UNBLOCK, &one, nullptr);  // it ends or stops the program here
            ::sigprocmask(SIG_BLOCK, &one, nullptr);
            take(handled);
        }
    }
    quiet_ = be_quiet();
    return number == SIGCONT;  // it follows a stop
}

}  // namespace wcmp::program
