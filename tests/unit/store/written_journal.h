// The bytes of a journal file, written by hand.
#pragma once

#include "store/journal_layout.h"
#include "unit/bundle/sample.h"

namespace wcmp::store::test {

// The start of a file with these messages.
inline Bytes journal_of(const JournalTurn& turn, const std::vector<bundle::test::Sample>& messages) {
    Bytes bytes;
    Writer writer(bytes);
    writer.bytes(journal_magic);
    writer.bytes(turn);
    for (const auto& message : messages) write_record(writer, turn, message.bytes);
    return bytes;
}

}  // namespace wcmp::store::test
