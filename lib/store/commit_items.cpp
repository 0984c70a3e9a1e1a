#include "store/commit_items.h"

#include "bundle/commit.h"
#include "bundle/parts.h"

namespace wcmp::store {

Result<void> commit_items(io::Directory& directory, std::span<const bundle::Item> items,
                          bundle::MessageSource& source, Random& random, Committed& committed) {
    auto parts = bundle::cut_items(items);
    WCMP_TRY(shuffle(random, parts));
    const bundle::CommitOptions options{
        .on_file = [&](const auto& name, auto) { committed.files.push_back(name); }};
    for (const auto& part : parts) {
        bundle::PartSource part_source(source, part);
        WCMP_ASSIGN(const auto result,
                    bundle::commit(directory, items.subspan(part.first, part.count), part_source, options));
        if (result.skipped) return fail(Errc::busy, "another writer is at this bundle");
        for (const auto position : result.bad) committed.bad.push_back(part.first + position);
    }
    std::ranges::sort(committed.bad);
    return {};
}

}  // namespace wcmp::store
