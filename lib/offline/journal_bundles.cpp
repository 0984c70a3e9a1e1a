#include "offline/journal_bundles.h"

#include "bundle/index_encoder.h"
#include "bundle/parts.h"
#include "store/journal.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace wcmp::offline {
namespace {

class FileInMemory final : public io::ReadableFile {
public:
    explicit FileInMemory(Bytes bytes) : bytes_(std::move(bytes)) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        const auto begin = std::min<std::uint64_t>(offset, bytes_.size());
        const auto part = ByteView(bytes_).subspan(begin);
        const auto count = std::min(into.size(), part.size());
        std::ranges::copy(part.first(count), into.begin());
        return count;
    }
    Result<io::FileStatus> status() const override { return io::FileStatus{.size = bytes_.size()}; }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t, std::size_t) const override {
        return fail(Errc::unsupported, "there is nothing to map");
    }
    Result<bool> no_writer() const override { return true; }

private:
    Bytes bytes_;
};

using Messages = std::map<MessageKey, Bytes>;

// False: a record is there and cannot be read. What is in both files is one message.
bool take_messages(const store::JournalFile& journal, Messages& messages) {
    bool whole = !journal.is_cut_off();
    for (const auto& record : journal.records()) {
        auto bytes = journal.read(record);
        whole = whole && bytes;
        if (bytes) messages.try_emplace(record.key, std::move(*bytes));
    }
    return whole;
}

std::vector<bundle::Item> journal_items(const Messages& messages) {
    std::vector<bundle::Item> items;
    items.reserve(messages.size());
    for (const auto& [key, bytes] : messages)
        items.push_back({.key = key, .length = static_cast<std::uint32_t>(bytes.size())});
    return items;
}

Result<std::shared_ptr<bundle::Reader>> bundle_in_memory(std::span<const bundle::Item> items,
                                                         const Messages& messages) {
    std::vector<std::uint32_t> positions(items.size());
    std::iota(positions.begin(), positions.end(), 0U);
    WCMP_ASSIGN(const auto made, bundle::outline(items, positions));
    const auto header = bundle::encode_header(made.header);
    Bytes file(header.begin(), header.end());
    file.reserve(made.header.file_bytes);
    const auto append = [&](ByteView part) -> Result<void> {
        file.insert(file.end(), part.begin(), part.end());
        return {};
    };
    WCMP_TRY(bundle::encode_index(items, positions, append));
    for (const auto& item : items) WCMP_TRY(append(messages.at(item.key)));
    return bundle::Reader::open(std::make_unique<FileInMemory>(std::move(file)), std::nullopt);
}

}  // namespace

Result<JournalBundles> journal_bundles(const io::Directory& store) {
    JournalBundles found;
    Messages messages;
    for (const auto name : store::journal_names) {
        const auto journal = store::JournalFile::open_for_reading(store, name);
        const bool whole = journal && take_messages(*journal, messages);
        if (!whole) ++found.unreadable;
    }
    found.messages = messages.size();
    const auto items = journal_items(messages);
    for (const auto& part : bundle::cut_items(items)) {
        WCMP_ASSIGN(auto reader,
                    bundle_in_memory(std::span(items).subspan(part.first, part.count), messages));
        found.bundles.push_back(std::move(reader));
    }
    return found;
}

}  // namespace wcmp::offline
