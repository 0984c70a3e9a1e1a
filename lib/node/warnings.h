// What needs a person's attention: stable codes, each told once when it begins.
#pragma once

#include "node/event_log.h"

#include <functional>
#include <set>

namespace wcmp::node {

class Warnings {
public:
    // changed: called after each change.
    Warnings(EventLog& events, std::function<void()> changed)
        : events_(events), changed_(std::move(changed)) {}

    // A code of the program, alive for ever.
    void set(std::string_view code, bool on) {
        const bool is_other = on ? codes_.insert(code).second : codes_.erase(code) > 0;
        if (!is_other) return;
        if (on) events_.add(EventText("warning").word("code", code));
        changed_();
    }

    bool has(std::string_view code) const { return codes_.contains(code); }

    std::vector<std::string> list() const { return {codes_.begin(), codes_.end()}; }

private:
    EventLog& events_;
    std::function<void()> changed_;
    std::set<std::string_view> codes_;
};

}  // namespace wcmp::node
