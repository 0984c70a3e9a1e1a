// The disk work of an upload, as its worker does it.
#pragma once

#include "node/local_store.h"
#include "sync/visit.h"

namespace wcmp::node {

// Appends a part. Errc::no_space when less than `keep_free_bytes` would stay free.
Result<void> spool(io::WritableFile& file, std::uint64_t offset, ByteView part, const store::Store& store,
                   std::uint64_t keep_free_bytes);

// Errc::bundle for a bad header, table or index: nothing is stored then. Bad messages are counted, the others
// imported.
Result<sync::VisitResult> import_spooled(sync::Local& local, const std::shared_ptr<io::WritableFile>& file,
                                         const sync::VisitSettings& settings, const message::Today& today,
                                         Random& random, const std::stop_token& stop);

}  // namespace wcmp::node
