// What needs a person's attention: stable codes, each told once when it begins.
#pragma once

#include "node/event_log.h"

#include <set>

namespace wcmp::node {

class Warnings {
public:
    explicit Warnings(EventLog& events) : events_(events) {}

    // A code of the program, alive for ever.
    void set(std::string_view code, bool on) {
        if (!on) {
            codes_.erase(code);
            return;
        }
        if (codes_.insert(code).second) events_.add(EventText("warning").word("code", code));
    }

    bool has(std::string_view code) const { return codes_.contains(code); }

    std::vector<std::string> list() const { return {codes_.begin(), codes_.end()}; }

private:
    EventLog& events_;
    std::set<std::string_view> codes_;
};

}  // namespace wcmp::node
