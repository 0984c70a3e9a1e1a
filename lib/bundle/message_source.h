// Where the messages of a new bundle come from: other bundles, a journal, another relay.
#pragma once

#include "bundle/layout.h"
#include "bundle/reader.h"

namespace wcmp::bundle {

// What a bundle will hold, one message.
struct Item {
    MessageKey key;
    std::uint32_t length = 0;
};

class MessageSource {
public:
    virtual ~MessageSource() = default;

    // The message of an item, verified (verify_message()), as a view valid until the next call; items are
    // asked for in ascending order. When every copy is bad: the error of the last one, a class of the format
    // or wrong_hash. Any other error is the medium's and ends the commit.
    virtual Result<Reader::Message> fetch(std::size_t index, const Item& item) = 0;
};

}  // namespace wcmp::bundle
