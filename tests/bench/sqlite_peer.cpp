#include "peer.h"
#include "row.h"

#include <sqlite3.h>

namespace wcmp::bench {
namespace {

struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

class SqlitePeer final : public Peer {
public:
    explicit SqlitePeer(const std::filesystem::path& folder) {
        std::filesystem::create_directories(folder);
        sqlite3* opened = nullptr;
        must_be(sqlite3_open((folder / "messages.db").c_str(), &opened) == SQLITE_OK, "SQLite does not open");
        database_.reset(opened);
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("PRAGMA cache_size=-16384");
        run("CREATE TABLE IF NOT EXISTS message(day INTEGER, id BLOB, bytes BLOB, PRIMARY KEY(day, id))");
        find_ = prepare("SELECT 1 FROM message WHERE day=?1 AND id=?2");
        insert_ = prepare("INSERT INTO message VALUES(?1, ?2, ?3)");
        run("BEGIN IMMEDIATE");
    }

    bool holds(const MessageKey& key) override {
        bind(*find_, key);
        const bool found = sqlite3_step(find_.get()) == SQLITE_ROW;
        sqlite3_reset(find_.get());
        return found;
    }
    void put(const MessageKey& key, ByteView message) override {
        bind(*insert_, key);
        sqlite3_bind_blob64(insert_.get(), 3, message.data(), message.size(), SQLITE_STATIC);
        must_be(sqlite3_step(insert_.get()) == SQLITE_DONE, "SQLite does not insert");
        sqlite3_reset(insert_.get());
    }
    void commit() override { run("COMMIT"); }

private:
    void run(const char* text) {
        must_be(sqlite3_exec(database_.get(), text, nullptr, nullptr, nullptr) == SQLITE_OK, text);
    }
    Statement prepare(const char* text) {
        sqlite3_stmt* statement = nullptr;
        must_be(sqlite3_prepare_v2(database_.get(), text, -1, &statement, nullptr) == SQLITE_OK, text);
        return Statement(statement);
    }
    static void bind(sqlite3_stmt& statement, const MessageKey& key) {
        sqlite3_bind_int64(&statement, 1, key.day.number);
        sqlite3_bind_blob64(&statement, 2, key.id.bytes.data(), key.id.bytes.size(), SQLITE_STATIC);
    }

    std::unique_ptr<sqlite3, Close> database_;
    Statement find_;
    Statement insert_;
};

}  // namespace

std::unique_ptr<Peer> open_sqlite(const std::filesystem::path& folder) {
    return std::make_unique<SqlitePeer>(folder);
}

}  // namespace wcmp::bench
