// Items of any total size, cut into what one file each may hold (BUNDLE.md, section 1).
#pragma once

#include "bundle/message_source.h"

#include <span>
#include <vector>

namespace wcmp::bundle {

// A run of items that becomes one file.
struct Part {
    std::size_t first = 0;
    std::size_t count = 0;
};

// Items strictly ascending.
std::vector<Part> cut_items(std::span<const Item> items);

// One part's messages, with positions of its own.
class PartSource final : public MessageSource {
public:
    PartSource(MessageSource& whole, const Part& part) : whole_(whole), first_(part.first) {}

    Result<Reader::Message> fetch(std::size_t index, const Item& item) override {
        return whole_.fetch(first_ + index, item);
    }

private:
    MessageSource& whole_;
    std::size_t first_;
};

}  // namespace wcmp::bundle
