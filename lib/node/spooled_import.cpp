#include "node/spooled_import.h"

#include "core/limits.h"
#include "node/spooled_drive.h"

namespace wcmp::node {

namespace {

// The whole index is hashed before anything in it counts.
Result<bundle::Name> check_index(const std::shared_ptr<io::WritableFile>& file) {
    WCMP_ASSIGN(const auto reader, bundle::Reader::open(share(file), std::nullopt));
    bundle::IndexStream index(reader, limits::drive_read_bytes);
    for (;;) {
        WCMP_ASSIGN(const auto entry, index.next());
        if (!entry) return reader->name();
    }
}

}  // namespace

Result<void> spool(io::WritableFile& file, std::uint64_t offset, ByteView part, const store::Store& store,
                   std::uint64_t keep_free_bytes) {
    WCMP_ASSIGN(const auto space, store.space());
    if (space.free_bytes < keep_free_bytes + part.size())
        return fail(Errc::no_space, "no room for the bundle that is sent");
    return file.write_at(offset, part);
}

Result<sync::VisitResult> import_spooled(sync::Local& local, const std::shared_ptr<io::WritableFile>& file,
                                         const sync::VisitSettings& settings, const message::Today& today,
                                         Random& random, const std::stop_token& stop) {
    const auto name = check_index(file);
    if (!name) {
        const auto code = name.error().code;
        const auto system = code == Errc::io || code == Errc::no_space;
        return fail(system ? code : Errc::bundle, name.error().what, name.error().os_error);
    }
    const auto drive = spooled_drive(file, *name);
    sync::VisitResult result;
    sync::Visit visit(local, *drive, settings, today, random);
    WCMP_TRY(visit.run(result, stop));
    return result;
}

}  // namespace wcmp::node
