#include "store/commit_items.h"

#include "bundle/commit.h"
#include "bundle/cut.h"

namespace wcmp::store {
namespace {

// A part of another source, with positions of its own.
class PartSource final : public bundle::MessageSource {
public:
    PartSource(bundle::MessageSource& whole, std::size_t first) : whole_(whole), first_(first) {}

    Result<bundle::Reader::Message> fetch(std::size_t index, const bundle::Item& item) override {
        return whole_.fetch(first_ + index, item);
    }

private:
    bundle::MessageSource& whole_;
    std::size_t first_;
};

struct Part {
    std::size_t first = 0;
    std::size_t count = 0;
};

std::vector<Part> cut(std::span<const bundle::Item> items) {
    bundle::Cutter cutter;
    std::vector<bundle::Piece> pieces;
    for (const auto& item : items) cutter.add(item.key, item.length, pieces);
    cutter.finish(pieces);
    std::vector<Part> parts;
    std::size_t first = 0;
    for (const auto& piece : pieces) {
        parts.push_back({first, piece.messages});
        first += piece.messages;
    }
    return parts;
}

}  // namespace

Result<void> commit_items(io::Directory& directory, std::span<const bundle::Item> items,
                          bundle::MessageSource& source, Random& random, Committed& committed) {
    auto parts = cut(items);
    WCMP_TRY(shuffle(random, parts));
    for (const auto& part : parts) {
        PartSource part_source(source, part.first);
        WCMP_ASSIGN(const auto result,
                    bundle::commit(directory, items.subspan(part.first, part.count), part_source, {}));
        if (result.skipped) return fail(Errc::busy, "another writer is at this bundle");
        committed.files.insert(committed.files.end(), result.files.begin(), result.files.end());
        for (const auto position : result.bad) committed.bad.push_back(part.first + position);
    }
    std::ranges::sort(committed.bad);
    return {};
}

}  // namespace wcmp::store
