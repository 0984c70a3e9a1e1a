#include "core/hex.h"
#include "peer.h"
#include "row.h"
#include "scratch.h"

namespace wcmp::bench {
namespace {

class FilePeer final : public Peer {
public:
    FilePeer(const std::filesystem::path& path, bool each_synced)
        : directory_(folder(path)), each_synced_(each_synced) {}

    bool holds(const MessageKey& key) override { return directory_->open(name_of(key)).has_value(); }
    void put(const MessageKey& key, ByteView message) override {
        const auto file = must(directory_->create(name_of(key)));
        must(file->write_at(0, message));
        if (each_synced_) must(file->sync());
    }
    void commit() override { must(each_synced_ ? directory_->sync() : directory_->sync_file_system()); }

private:
    static std::string name_of(const MessageKey& key) {
        return std::to_string(key.day.number) + "-" + to_hex(key.id.bytes);
    }

    std::unique_ptr<io::Directory> directory_;
    bool each_synced_;
};

}  // namespace

std::unique_ptr<Peer> open_synced_files(const std::filesystem::path& folder) {
    return std::make_unique<FilePeer>(folder, true);
}

std::unique_ptr<Peer> open_files(const std::filesystem::path& folder) {
    return std::make_unique<FilePeer>(folder, false);
}

}  // namespace wcmp::bench
