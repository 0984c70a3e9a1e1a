#include "bundle/index_cursor.h"

namespace wcmp::bundle {

struct IndexStream::State {
    IndexCursor cursor;
};

IndexStream::IndexStream(std::shared_ptr<const Reader> reader, std::size_t buffer_bytes)
    : state_(new State{IndexCursor(std::move(reader), buffer_bytes)}) {}
IndexStream::IndexStream(IndexStream&&) noexcept = default;
IndexStream& IndexStream::operator=(IndexStream&&) noexcept = default;
IndexStream::~IndexStream() = default;

const Reader& IndexStream::reader() const {
    return state_->cursor.reader();
}
std::uint32_t IndexStream::position() const {
    return state_->cursor.position();
}
std::shared_ptr<const IndexDigests> IndexStream::digests() const {
    return state_->cursor.digests();
}

Result<std::optional<Entry>> IndexStream::next() {
    switch (state_->cursor.advance()) {
    case IndexCursor::Step::entry: {
        Entry entry;
        state_->cursor.decode(entry);
        return entry;
    }
    case IndexCursor::Step::end: return std::nullopt;
    case IndexCursor::Step::failed: break;
    }
    return std::unexpected(state_->cursor.error());
}

}  // namespace wcmp::bundle
