// An LMDB environment with one database of messages by (day, id), as much of it as the benchmarks need.
#pragma once

#include "core/ids.h"
#include "core/writer.h"
#include "row.h"

#include <array>
#include <filesystem>
#include <memory>

#include <lmdb.h>

namespace wcmp::bench {

class Lmdb {
public:
    explicit Lmdb(const std::filesystem::path& folder) {
        std::filesystem::create_directories(folder);
        MDB_env* opened = nullptr;
        check(mdb_env_create(&opened));
        environment_.reset(opened);
        check(mdb_env_set_mapsize(opened, std::size_t{8} << 30));
        check(mdb_env_open(opened, folder.c_str(), 0, 0600));
    }

    static void check(int code) {
        if (code != 0) throw std::runtime_error(mdb_strerror(code));
    }
    MDB_env* environment() const { return environment_.get(); }

private:
    struct Close {
        void operator()(MDB_env* environment) const { mdb_env_close(environment); }
    };
    std::unique_ptr<MDB_env, Close> environment_;
};

class LmdbTransaction {
public:
    LmdbTransaction(const Lmdb& lmdb, unsigned flags) {
        Lmdb::check(mdb_txn_begin(lmdb.environment(), nullptr, flags, &transaction_));
        Lmdb::check(mdb_dbi_open(transaction_, nullptr, 0, &database_));
    }
    LmdbTransaction(const LmdbTransaction&) = delete;
    LmdbTransaction& operator=(const LmdbTransaction&) = delete;
    ~LmdbTransaction() {
        if (transaction_ != nullptr) mdb_txn_abort(transaction_);
    }

    bool find(const MessageKey& key, MDB_val& value) {
        auto bytes = encode(key);
        MDB_val wanted{.mv_size = bytes.size(), .mv_data = bytes.data()};
        const int code = mdb_get(transaction_, database_, &wanted, &value);
        if (code != MDB_NOTFOUND) Lmdb::check(code);
        return code == 0;
    }
    void put(const MessageKey& key, ByteView value) {
        auto bytes = encode(key);
        MDB_val name{.mv_size = bytes.size(), .mv_data = bytes.data()};
        MDB_val data{.mv_size = value.size(), .mv_data = const_cast<std::uint8_t*>(value.data())};
        Lmdb::check(mdb_put(transaction_, database_, &name, &data, 0));
    }
    void commit() { Lmdb::check(mdb_txn_commit(std::exchange(transaction_, nullptr))); }

private:
    static std::array<std::uint8_t, 36> encode(const MessageKey& key) {
        std::array<std::uint8_t, 36> bytes{};
        put_number(MutableBytes(bytes), key.day.number);
        std::ranges::copy(key.id.bytes, bytes.begin() + 4);
        return bytes;
    }

    MDB_txn* transaction_ = nullptr;
    MDB_dbi database_ = 0;
};

}  // namespace wcmp::bench
