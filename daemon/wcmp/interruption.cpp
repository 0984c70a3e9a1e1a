#include "interruption.h"

#include <iostream>
#include <tuple>

namespace wcmp::program {
namespace {

constexpr int done_signal = SIGUSR1;  // to the listener alone: nothing is listened for any more

void end_by(int number) {
    std::ignore = std::signal(number, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    std::ignore = ::raise(number);
}

bool is_ignored(int number) {
    struct sigaction now{};
    return ::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

Interruption::Interruption() {
    sigemptyset(&awaited_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        if (!is_ignored(number)) sigaddset(&awaited_, number);
    sigaddset(&awaited_, done_signal);
    ::pthread_sigmask(SIG_BLOCK, &awaited_, &before_);
    listener_ = std::jthread([this] { listen(); });
}

Interruption::~Interruption() {
    ::pthread_kill(listener_.native_handle(), done_signal);
    listener_.join();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interruption::listen() {
    for (;;) {
        int number = 0;
        if (::sigwait(&awaited_, &number) != 0 || number == done_signal) return;
        if (stop_.stop_requested()) end_by(number);
        signal_ = number;
        stop_.request_stop();
        std::cerr << "wcmp: ending after this step; once more ends at once\n";
    }
}

void Interruption::end_if_asked() const {
    if (stop_.stop_requested()) end_by(signal_);
}

}  // namespace wcmp::program
