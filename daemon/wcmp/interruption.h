// Ctrl-C and its like while something is under way that should end cleanly.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace wcmp::program {

// The first signal asks for a stop, and says so; a second one ends the program at once.
class Interruption {
public:
    Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
    ~Interruption();

    std::stop_token token() const { return stop_.get_token(); }

    // After the work has ended: ends the program as the signal would have, if one came.
    void end_if_asked() const;

private:
    void listen();

    std::stop_source stop_;
    int signal_ = 0;  // written before the stop is asked for
    sigset_t awaited_{};
    sigset_t before_{};
    std::jthread listener_;
};

}  // namespace wcmp::program
