#include "lmdb.h"
#include "peer.h"

#include <optional>

namespace wcmp::bench {
namespace {

constexpr std::size_t visit_buffer_bytes = std::size_t{8} << 20;

class LmdbPeer final : public Peer {
public:
    LmdbPeer(const std::filesystem::path& folder, std::size_t transaction_bytes)
        : lmdb_(folder), transaction_bytes_(transaction_bytes) {
        transaction_.emplace(lmdb_, 0U);
    }

    bool holds(const MessageKey& key) override {
        MDB_val ignored{};
        return transaction_->find(key, ignored);
    }
    void put(const MessageKey& key, ByteView message) override {
        transaction_->put(key, message);
        bytes_ += message.size();
        if (bytes_ < transaction_bytes_) return;
        commit();
        transaction_.emplace(lmdb_, 0U);
        bytes_ = 0;
    }
    void commit() override { transaction_->commit(); }

private:
    Lmdb lmdb_;
    std::size_t transaction_bytes_;
    std::size_t bytes_ = 0;
    std::optional<LmdbTransaction> transaction_;
};

}  // namespace

std::unique_ptr<Peer> open_lmdb(const std::filesystem::path& folder) {
    return std::make_unique<LmdbPeer>(folder, visit_buffer_bytes);
}

std::unique_ptr<Peer> open_lmdb_at_once(const std::filesystem::path& folder) {
    return std::make_unique<LmdbPeer>(folder, ~std::size_t{0});
}

}  // namespace wcmp::bench
