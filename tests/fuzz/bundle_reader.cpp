// Any bytes as a bundle: opened, streamed, joined, searched and read. What is taken must agree with itself.
//
// Byte 0: bit 0 maps the index; bit 1 puts the right index hash in, so that what lies behind that check is
// reached; the upper bits choose the buffer. The rest is the file.
#include "bundle/join.h"
#include "bundle/selection.h"
#include "crypto/sha256.h"
#include "unit/bundle/memory_file.h"

#include <cstdlib>

namespace {

using namespace wcmp;
using namespace wcmp::bundle;

void require(bool condition) {
    if (!condition) std::abort();
}

void put_right_hash(Bytes& file) {
    const auto header = parse_header(file, file.size());
    if (!header) return;
    const auto hash = crypto::sha256(ByteView(file).subspan(64, header->messages_offset - 64));
    std::ranges::copy(hash, file.begin() + 32);
}

// Streams the index; its entries when it is right.
std::optional<std::vector<Entry>> entries_of(const std::shared_ptr<const Reader>& reader,
                                             std::size_t buffer_bytes) {
    std::vector<Entry> entries;
    IndexStream stream(reader, buffer_bytes);
    while (true) {
        const auto entry = stream.next();
        if (!entry) {
            require(entry.error().code == Errc::bundle);
            return std::nullopt;
        }
        if (!*entry) return entries;
        require(stream.position() == entries.size());
        entries.push_back(**entry);
    }
}

void check_sound(const std::shared_ptr<const Reader>& reader, const std::vector<Entry>& entries) {
    const auto& header = reader->header();
    require(entries.size() == header.messages);
    require(std::ranges::adjacent_find(entries, std::greater_equal{}, &Entry::key) == entries.end());
    require(header.messages_offset + entries.back().offset + entries.back().length == header.file_bytes);
    message::Identifier identifier;
    Bytes buffer;
    for (const auto& entry : entries) {
        require(reader->find(entry.key).value() == entry);
        const auto message = reader->read_message(entry, identifier, buffer);
        require(!message || message->bytes.size() == entry.length);
    }
}

// A join with itself gives pairs; gathered, every item is fetched or refused.
void check_joined(const std::shared_ptr<const Reader>& reader, std::size_t count, std::size_t buffer_bytes) {
    const std::vector readers{reader, reader};
    std::vector<SelectedEntries> selection{SelectedEntries(reader), SelectedEntries(reader)};
    Join join(readers, buffer_bytes);
    std::size_t groups = 0;
    for (auto group = join.next().value(); !group.empty(); group = join.next().value()) {
        require(group.size() == 2 && group[0].entry == group[1].entry);
        for (const auto& copy : group) selection[copy.source].select(copy.position);
        ++groups;
    }
    require(groups == count && join.bad_sources().empty());
    for (std::uint32_t i = 0; i < 2; ++i) selection[i].digests = join.digests(i);
    Piece all{.first = {}, .last = {{~std::uint32_t{0}}, {}}};
    all.last.id.bytes.fill(0xff);
    const auto items = gather(selection, all).value();
    require(items.items.size() == count && items.copies.size() == 2 * count);
    const auto source = copy_source(selection, items, buffer_bytes);
    for (std::size_t i = 0; i < count; ++i) {
        const auto message = source->fetch(i, items.items[i]);
        require(!message || message->bytes.size() == items.items[i].length);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto options = data[0];
    Bytes file(data + 1, data + size);
    if ((options & 2) != 0) put_right_hash(file);
    auto opened = Reader::open(std::make_unique<bundle::test::MemoryFile>(std::move(file)), std::nullopt);
    if (!opened) {
        require(opened.error().code == Errc::bundle);
        return 0;
    }
    if ((options & 1) != 0) require((*opened)->map_index().has_value());
    const std::size_t buffer_bytes = std::size_t{1} << (options >> 3);
    require(parse_name(to_string((*opened)->name())) == (*opened)->name());
    // Believed or not, a search ends and stays inside.
    for (const auto& day : (*opened)->days()) {
        const auto found = (*opened)->find({day.day, {}});
        require(found || found.error().code == Errc::not_found);
    }
    if (const auto entries = entries_of(*opened, buffer_bytes)) {
        check_sound(*opened, *entries);
        check_joined(*opened, entries->size(), buffer_bytes);
    }
    return 0;
}
