// The service manager, told how things are while the program runs: that it is alive, as often as is asked
// for, and its status whenever that is another.
#pragma once

#include "service/notify.h"

#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wcmp::daemon {

class Supervision {
public:
    explicit Supervision(boost::asio::io_context& io)
        : notifier_(Notifier::from_environment()), watchdog_(io) {}

    bool is_heard() const { return notifier_.is_heard(); }

    // At the start, and after reloading().
    void ready(std::string status);
    // Nothing is told before the program is ready.
    void status(std::string status);
    void reloading() const { notifier_.reloading(); }
    void stopping() const { notifier_.stopping(); }

private:
    void feed_watchdog();

    const Notifier notifier_;
    boost::asio::steady_timer watchdog_;
    std::string told_;
    bool ready_ = false;
};

}  // namespace wcmp::daemon
