// The event stream: one JSON object a line, a heartbeat when there is nothing to say.
#include "api/handlers.h"
#include "api/media_type.h"

#include <chrono>
#include <deque>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace wcmp::api {
namespace {

// Events that the reader has not taken yet.
class Backlog {
public:
    Backlog(std::string cursor, std::size_t bytes_max) : cursor_(std::move(cursor)), bytes_max_(bytes_max) {}

    void add(const std::string& event) {
        bytes_ += event.size() + 1;
        if (is_over())
            events_.clear();
        else
            events_.push_back(event);
    }

    bool empty() const { return events_.empty(); }
    bool is_over() const { return bytes_ > bytes_max_; }

    std::string take() {
        last_ = std::move(events_.front());
        events_.pop_front();
        bytes_ -= last_.size() + 1;
        return last_ + '\n';
    }

    // Carries the cursor of the last event sent, so that a reader can come back from here too.
    std::string heartbeat() const {
        boost::json::object beat{{"type", "heartbeat"}};
        boost::system::error_code error;
        const auto last = boost::json::parse(last_, error);
        const auto* object = error ? nullptr : last.if_object();
        const auto* cursor = object ? object->if_contains("cursor") : nullptr;
        if (cursor)
            beat["cursor"] = *cursor;
        else if (!cursor_.empty())
            beat["cursor"] = cursor_;
        return boost::json::serialize(beat) + '\n';
    }

private:
    std::deque<std::string> events_;
    std::string last_;
    std::string cursor_;
    std::size_t bytes_ = 0;
    std::size_t bytes_max_;
};

Answer stream_head() {
    return Answer{.type = media::lines, .fields = {{"Cache-Control", "no-store"}}};
}

ByteView view(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Until the server stops and everything that came before is sent.
Task<void> send_events(Exchange& exchange, Backlog& backlog) {
    for (;;) {
        co_await exchange.wait(exchange.options().heartbeat);
        if (backlog.empty() && !exchange.stopping()) {
            const auto beat = backlog.heartbeat();
            co_await exchange.write(view(beat));
        }
        while (!backlog.empty()) {
            const auto line = backlog.take();
            co_await exchange.write(view(line));
        }
        // It comes back with its cursor.
        if (backlog.is_over()) throw Abandoned();
        if (exchange.stopping()) co_return;
    }
}

}  // namespace

Task<Answered> follow_events(Exchange& exchange) {
    const auto* after = exchange.request().query.find("after");
    const auto cursor = after ? *after : std::string{};
    Backlog backlog(cursor, exchange.options().event_backlog_bytes_max);
    const auto subscription = exchange.service().subscribe(cursor, [&](const std::string& event) {
        backlog.add(event);
        exchange.wake();
    });
    if (!subscription) co_return std::unexpected(problem_of(subscription.error(), Subject::cursor));
    co_await exchange.begin(stream_head(), std::nullopt);
    co_await send_events(exchange, backlog);
    co_await exchange.end();
    co_return Answer{.sent = true};
}

}  // namespace wcmp::api
