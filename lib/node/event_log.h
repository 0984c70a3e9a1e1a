// What happened, for those who watch: the last events, in memory only, and who wants the next ones.
// An event holds numbers and fixed words: no id, serial, path or peer (lib/api/API.md, "Events").
#pragma once

#include "core/random.h"
#include "node/home.h"
#include "node/service.h"

#include <deque>
#include <list>

namespace wcmp::node {

// The text of one event while it is put together.
class EventText {
public:
    explicit EventText(std::string_view type);
    EventText& number(std::string_view name, std::uint64_t value);
    // Words of the program, never input: whatever could end a JSON string becomes '?'.
    EventText& word(std::string_view name, std::string_view value);
    EventText& counts(std::string_view name, const std::vector<Counted>& counts);
    const std::string& members() const { return members_; }

private:
    std::string members_;
};

class EventLog {
public:
    static constexpr std::size_t remembered_max = 1024;

    // The nonce tells the cursors of this run from others.
    EventLog(Home& home, std::string nonce);

    void add(const EventText& event);
    Outcome<std::unique_ptr<Subscription>> subscribe(const std::string& cursor,
                                                     std::function<void(const std::string&)> call);

private:
    struct Watcher {
        std::uint64_t next = 0;
        std::function<void(const std::string&)> call;
        bool gone = false;
    };
    class Handle;

    Outcome<std::uint64_t> position_after(const std::string& cursor) const;
    void wake();
    void deliver();

    Home& home_;
    std::string nonce_;
    std::deque<std::string> events_;
    std::uint64_t first_ = 0;  // the number of events_.front()
    std::list<std::shared_ptr<Watcher>> watchers_;
    bool woken_ = false;
};

}  // namespace wcmp::node
