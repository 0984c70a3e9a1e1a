#include "watched_directory.h"

#include <string>

namespace wcmp::bundle::test {
namespace {

Result<void> ask(const Watch& watch, const Watch::Place& place) {
    return watch.before ? watch.before(place) : Result<void>{};
}

// Over any kind of file: those that are written are read as well.
template <class Base, class Inner>
class WatchedReading : public Base {
public:
    WatchedReading(std::unique_ptr<Inner> file, std::string name, const Watch& watch)
        : file_(std::move(file)), name_(std::move(name)), watch_(watch) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        const auto place = at(Call::read, offset, into.size());
        WCMP_TRY(ask(watch_, place));
        WCMP_ASSIGN(const auto got, file_->read_at(offset, into));
        if (watch_.after_read) watch_.after_read(place, into.first(got));
        return got;
    }
    Result<io::FileStatus> status() const override { return file_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return file_->map(offset, length);
    }
    Result<bool> no_writer() const override { return file_->no_writer(); }

protected:
    Watch::Place at(Call call, std::uint64_t offset = 0, std::uint64_t length = 0) const {
        return {.call = call, .name = name_, .offset = offset, .length = length};
    }

    std::unique_ptr<Inner> file_;
    std::string name_;
    const Watch& watch_;
};

using WatchedFile = WatchedReading<io::ReadableFile, io::ReadableFile>;

class WatchedWriting final : public WatchedReading<io::WritableFile, io::WritableFile> {
public:
    using WatchedReading::WatchedReading;

    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
        WCMP_TRY(ask(watch_, at(Call::write, offset, bytes.size())));
        return file_->write_at(offset, bytes);
    }
    Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) override {
        WCMP_TRY(ask(watch_, at(Call::writeback, offset, length)));
        return file_->start_writeback(offset, length);
    }
    Result<void> sync() override {
        WCMP_TRY(ask(watch_, at(Call::sync_file)));
        return file_->sync();
    }
    Result<void> sync_data() override {
        WCMP_TRY(ask(watch_, at(Call::sync_file)));
        return file_->sync_data();
    }
    Result<void> set_constant_times() override { return file_->set_constant_times(); }
};

class WatchedDirectory final : public io::Directory {
public:
    WatchedDirectory(std::unique_ptr<io::Directory> directory, const Watch& watch)
        : directory_(std::move(directory)), watch_(watch) {}

    Result<void> list(const std::function<void(std::string_view name)>& visit) const override {
        WCMP_TRY(ask(watch_, {.call = Call::list}));
        return directory_->list(visit);
    }
    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override {
        WCMP_TRY(ask(watch_, {.call = Call::open, .name = name}));
        WCMP_ASSIGN(auto file, directory_->open(name));
        return std::make_unique<WatchedFile>(std::move(file), std::string(name), watch_);
    }
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view name) override {
        WCMP_TRY(ask(watch_, {.call = Call::open, .name = name}));
        WCMP_ASSIGN(auto file, directory_->open_for_writing(name));
        return std::make_unique<WatchedWriting>(std::move(file), std::string(name), watch_);
    }
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        WCMP_TRY(ask(watch_, {.call = Call::create, .name = name}));
        WCMP_ASSIGN(auto file, directory_->create(name));
        return std::make_unique<WatchedWriting>(std::move(file), std::string(name), watch_);
    }
    Result<std::unique_ptr<io::WritableFile>> create_unnamed() override {
        return directory_->create_unnamed();
    }
    Result<void> unlink(std::string_view name) override {
        WCMP_TRY(ask(watch_, {.call = Call::unlink, .name = name}));
        return directory_->unlink(name);
    }
    Result<void> rename(std::string_view from, std::string_view to) override {
        return directory_->rename(from, to);
    }
    Result<void> sync() override {
        WCMP_TRY(ask(watch_, {.call = Call::sync_directory}));
        return directory_->sync();
    }
    Result<void> sync_file_system() override {
        WCMP_TRY(ask(watch_, {.call = Call::sync_file_system}));
        return directory_->sync_file_system();
    }
    Result<void> set_constant_times() override {
        WCMP_TRY(ask(watch_, {.call = Call::directory_times}));
        return directory_->set_constant_times();
    }
    Result<io::Space> space() const override { return directory_->space(); }
    Result<std::unique_ptr<io::Lock>> lock() override { return directory_->lock(); }
    Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override {
        WCMP_ASSIGN(auto directory, directory_->open_directory(name));
        return watched(std::move(directory), watch_);
    }
    Result<void> make_directory(std::string_view name) override { return directory_->make_directory(name); }

private:
    std::unique_ptr<io::Directory> directory_;
    const Watch& watch_;
};

}  // namespace

std::unique_ptr<io::Directory> watched(std::unique_ptr<io::Directory> directory, const Watch& watch) {
    return std::make_unique<WatchedDirectory>(std::move(directory), watch);
}

}  // namespace wcmp::bundle::test
