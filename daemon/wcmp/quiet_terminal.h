// A terminal that does not show what is typed. However the program ends, the echo is back.
#pragma once

#include "core/error.h"

#include <array>
#include <csignal>

#include <termios.h>

namespace wcmp::program {

// Signals are held back, but while wait() waits: what they do then, they do to a terminal as it was before.
// After a stop the echo goes off again.
class QuietTerminal {
public:
    explicit QuietTerminal(int descriptor);
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    ~QuietTerminal();

    bool is_quiet() const { return quiet_; }

    // Until there is something to read. `shown_again` is called when the person comes back from a stop.
    template <class ShownAgain>
    Result<void> wait(ShownAgain shown_again) {
        for (;;) {
            WCMP_ASSIGN(const bool ready, ready_or_signalled());
            if (ready) return {};
            if (hand_on_signal()) shown_again();
        }
    }

private:
    struct Handled {
        int signal = 0;
        bool taken = false;
        struct sigaction before{};
    };

    Result<bool> ready_or_signalled();
    bool hand_on_signal();
    void take(Handled& handled);
    bool be_quiet();

    int descriptor_;
    termios before_{};
    bool known_ = false;
    bool quiet_ = false;
    sigset_t mask_before_{};
    std::array<Handled, 6> handled_{};
};

}  // namespace wcmp::program
