// The index of a bundle that is about to be written, made from its items in steps.
#pragma once

#include "bundle/message_source.h"

#include <functional>
#include <span>

namespace wcmp::bundle {

// Some of the items of a commit, by position, ascending: what one file will hold.
using Positions = std::span<const std::uint32_t>;

// The header of the file that holds these items, and its name.
struct Outline {
    Header header;
    Day first;
    Day last;
};

// Items are strictly ascending, at least one. too_large when they do not fit one file.
Result<Outline> outline(std::span<const Item> items, Positions positions);

// Day table and index of the same items, in parts of at most 64 KiB, in order.
using Sink = std::function<Result<void>(ByteView)>;
Result<void> encode_index(std::span<const Item> items, Positions positions, const Sink& sink);

}  // namespace wcmp::bundle
