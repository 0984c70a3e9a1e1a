// What can be saved from a damaged bundle (BUNDLE.md, section 8). Linear, whatever the damage.
#pragma once

#include "bundle/message_source.h"
#include "io/file.h"

#include <memory>
#include <vector>

namespace wcmp::bundle {

enum class Damage : std::uint8_t { none, void_file, index_wrong, header_wrong, unknown_format };

struct SavedMessage {
    MessageKey key;
    std::uint64_t file_offset = 0;
    std::uint32_t length = 0;
};

struct Salvage {
    Damage damage = Damage::none;
    std::vector<SavedMessage> saved;  // sorted by key, no key twice
    std::uint64_t lost = 0;           // index entries, or an unfinished walk (1), that gave nothing
    std::uint64_t failing_bytes = 0;  // read in vain
};

// Looks at a whole file. `name` is what it is called; a hash or day that contradicts it is damage too.
Result<Salvage> salvage(const io::ReadableFile& file, const std::optional<Name>& name);

// The saved messages as a source for commit(), in the order of `saved`.
std::unique_ptr<MessageSource> salvage_source(const io::ReadableFile& file, const Salvage& salvage);

}  // namespace wcmp::bundle
