#include "service/supervision.h"

#include <utility>

namespace wcmp::daemon {

void Supervision::ready(std::string status) {
    if (!std::exchange(ready_, true)) feed_watchdog();
    told_ = std::move(status);
    notifier_.ready(told_);
}

void Supervision::status(std::string status) {
    if (!ready_ || status == told_) return;
    told_ = std::move(status);
    notifier_.status(told_);
}

void Supervision::feed_watchdog() {
    const auto interval = notifier_.watchdog_interval();
    if (!interval) return;
    notifier_.watchdog();
    watchdog_.expires_after(*interval);
    watchdog_.async_wait([this](const boost::system::error_code& error) {
        if (!error) feed_watchdog();
    });
}

}  // namespace wcmp::daemon
