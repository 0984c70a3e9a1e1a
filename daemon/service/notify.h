// Tells the service manager how things are: one datagram for each message (sd_notify(3)).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace wcmp::daemon {

class Notifier {
public:
    // From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are then taken out of the environment.
    // Without a service manager every call does nothing.
    static Notifier from_environment();

    // A service manager listens.
    bool is_heard() const { return !address_.empty(); }

    void ready(std::string_view status) const;
    void status(std::string_view status) const;
    void reloading() const;
    void stopping() const;
    void watchdog() const;

    // How often watchdog() must be called: half of the time that the manager waits.
    std::optional<std::chrono::microseconds> watchdog_interval() const { return interval_; }

private:
    void send(const std::string& text) const;

    std::string address_;  // as for bind(2): an abstract one begins with a zero byte
    std::optional<std::chrono::microseconds> interval_;
};

}  // namespace wcmp::daemon
