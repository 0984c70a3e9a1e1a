#include "store/guarded_directory.h"

#include <cerrno>

namespace wcmp::store {
namespace {

// What the process lacks is no fault of the medium.
bool is_of_the_medium(const Error& error) {
    if (error.os_error == EMFILE || error.os_error == ENFILE || error.os_error == ENOMEM) return false;
    return error.code == Errc::io || error.code == Errc::read_only;
}

std::unexpected<Error> refused() {
    return fail(Errc::store_failing, "the store takes no more");
}

template <class Call>
auto write(WriteGate& gate, Call call) -> decltype(call()) {
    if (gate.closed()) return refused();
    auto done = call();
    if (!done && is_of_the_medium(done.error())) gate.close();
    return done;
}

// Whatever the error says: what was to be durable is not, and the kernel reports it once.
template <class Call>
Result<void> sync(WriteGate& gate, Call call) {
    if (gate.closed()) return refused();
    auto done = call();
    if (!done) gate.close();
    return done;
}

class GuardedFile final : public io::WritableFile {
public:
    GuardedFile(std::unique_ptr<io::WritableFile> file, std::shared_ptr<WriteGate> gate)
        : file_(std::move(file)), gate_(std::move(gate)) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        return file_->read_at(offset, into);
    }
    void will_read(std::uint64_t offset, std::uint64_t length) const override {
        file_->will_read(offset, length);
    }
    Result<io::FileStatus> status() const override { return file_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return file_->map(offset, length);
    }
    Result<bool> no_writer() const override { return file_->no_writer(); }

    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
        return write(*gate_, [&] { return file_->write_at(offset, bytes); });
    }
    Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) override {
        return write(*gate_, [&] { return file_->start_writeback(offset, length); });
    }
    Result<void> sync() override {
        return store::sync(*gate_, [&] { return file_->sync(); });
    }
    Result<void> sync_data() override {
        return store::sync(*gate_, [&] { return file_->sync_data(); });
    }
    Result<void> set_constant_times() override {
        return write(*gate_, [&] { return file_->set_constant_times(); });
    }

private:
    std::unique_ptr<io::WritableFile> file_;
    std::shared_ptr<WriteGate> gate_;
};

template <class Call>
Result<std::unique_ptr<io::WritableFile>> open_guarded(const std::shared_ptr<WriteGate>& gate, Call call) {
    WCMP_ASSIGN(auto file, write(*gate, std::move(call)));
    return std::make_unique<GuardedFile>(std::move(file), gate);
}

}  // namespace

GuardedDirectory::GuardedDirectory(std::unique_ptr<io::Directory> directory)
    : directory_(std::move(directory)), gate_(std::make_shared<WriteGate>()) {}

GuardedDirectory::~GuardedDirectory() = default;

Result<void> GuardedDirectory::list(const std::function<void(std::string_view name)>& visit) const {
    return directory_->list(visit);
}

Result<std::unique_ptr<io::ReadableFile>> GuardedDirectory::open(std::string_view name) const {
    return directory_->open(name);
}

Result<std::unique_ptr<io::WritableFile>> GuardedDirectory::open_for_writing(std::string_view name) {
    return open_guarded(gate_, [&] { return directory_->open_for_writing(name); });
}

Result<std::unique_ptr<io::WritableFile>> GuardedDirectory::create(std::string_view name) {
    return open_guarded(gate_, [&] { return directory_->create(name); });
}

Result<std::unique_ptr<io::WritableFile>> GuardedDirectory::create_unnamed() {
    return open_guarded(gate_, [&] { return directory_->create_unnamed(); });
}

Result<void> GuardedDirectory::unlink(std::string_view name) {
    return write(*gate_, [&] { return directory_->unlink(name); });
}

Result<void> GuardedDirectory::rename(std::string_view from, std::string_view to) {
    return write(*gate_, [&] { return directory_->rename(from, to); });
}

Result<void> GuardedDirectory::sync() {
    WCMP_TRY(set_constant_times());
    return store::sync(*gate_, [&] { return directory_->sync(); });
}

Result<void> GuardedDirectory::sync_file_system() {
    return store::sync(*gate_, [&] { return directory_->sync_file_system(); });
}

Result<void> GuardedDirectory::set_constant_times() {
    return write(*gate_, [&] { return directory_->set_constant_times(); });
}

// A file system that the kernel took to read-only after an error says so here before any write does.
Result<io::Space> GuardedDirectory::space() const {
    auto space = directory_->space();
    if (space && space->read_only) gate_->close();
    return space;
}

Result<std::unique_ptr<io::Lock>> GuardedDirectory::lock() {
    return directory_->lock();
}

Result<std::unique_ptr<io::Directory>> GuardedDirectory::open_directory(std::string_view name) const {
    return directory_->open_directory(name);
}

Result<void> GuardedDirectory::make_directory(std::string_view name) {
    return write(*gate_, [&] { return directory_->make_directory(name); });
}

}  // namespace wcmp::store
