#include "node/event_log.h"

#include "log/log.h"

#include <algorithm>
#include <charconv>

namespace wcmp::node {

namespace {

bool is_plain(char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void append_string(std::string& text, std::string_view value) {
    text += '"';
    for (const auto c : value) text += is_plain(c) ? c : '?';
    text += '"';
}

}  // namespace

EventText::EventText(std::string_view type) {
    word("type", type);
}

EventText& EventText::number(std::string_view name, std::uint64_t value) {
    members_ += ',';
    append_string(members_, name);
    members_ += ':' + std::to_string(value);
    return *this;
}

EventText& EventText::word(std::string_view name, std::string_view value) {
    members_ += ',';
    append_string(members_, name);
    members_ += ':';
    append_string(members_, value);
    return *this;
}

EventText& EventText::counts(std::string_view name, const std::vector<Counted>& counts) {
    members_ += ',';
    append_string(members_, name);
    members_ += ":{";
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (i > 0) members_ += ',';
        append_string(members_, counts[i].name);
        members_ += ':' + std::to_string(counts[i].count);
    }
    members_ += '}';
    return *this;
}

class EventLog::Handle final : public Subscription {
public:
    explicit Handle(std::shared_ptr<Watcher> watcher) : watcher_(std::move(watcher)) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() override { watcher_->gone = true; }

private:
    std::shared_ptr<Watcher> watcher_;
};

EventLog::EventLog(Home& home, std::string nonce) : home_(home), nonce_(std::move(nonce)) {}

void EventLog::add(const EventText& event) {
    log::debug(event.members());
    const auto number = first_ + events_.size();
    events_.push_back(R"({"cursor":")" + nonce_ + '-' + std::to_string(number) + '"' + event.members() + '}');
    if (events_.size() > remembered_max) {
        events_.pop_front();
        ++first_;
    }
    wake();
}

Outcome<std::uint64_t> EventLog::position_after(const std::string& cursor) const {
    const auto end = first_ + events_.size();
    if (cursor.empty()) return end;
    const auto dash = cursor.find('-');
    std::uint64_t number = 0;
    const auto* last = cursor.data() + cursor.size();
    if (dash == std::string::npos) return std::unexpected(Failure{Errc::invalid, "this is not a cursor"});
    const auto parsed = std::from_chars(cursor.data() + dash + 1, last, number);
    if (parsed.ec != std::errc() || parsed.ptr != last)
        return std::unexpected(Failure{Errc::invalid, "this is not a cursor"});
    if (cursor.compare(0, dash, nonce_) != 0 || number >= end || number + 1 < first_)
        return std::unexpected(Failure{Errc::expired, "the cursor is of another run, or too old"});
    return number + 1;
}

Outcome<std::unique_ptr<Subscription>> EventLog::subscribe(const std::string& cursor,
                                                           std::function<void(const std::string&)> call) {
    auto position = position_after(cursor);
    if (!position) return std::unexpected(std::move(position).error());
    auto watcher = std::make_shared<Watcher>(*position, std::move(call));
    watchers_.push_back(watcher);
    wake();
    return std::make_unique<Handle>(std::move(watcher));
}

void EventLog::wake() {
    if (std::exchange(woken_, true)) return;
    home_.post([this] { deliver(); });
}

// A watcher may go, and others may come, while one is called.
void EventLog::deliver() {
    woken_ = false;
    std::erase_if(watchers_, [](const auto& watcher) { return watcher->gone; });
    const auto present = std::vector(watchers_.begin(), watchers_.end());
    for (const auto& watcher : present) {
        watcher->next = std::max(watcher->next, first_);
        while (!watcher->gone && watcher->next < first_ + events_.size()) {
            const auto text = events_[static_cast<std::size_t>(watcher->next++ - first_)];
            watcher->call(text);
        }
    }
}

}  // namespace wcmp::node
