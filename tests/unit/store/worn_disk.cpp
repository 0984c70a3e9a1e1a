#include "worn_disk.h"

#include <utility>

namespace wcmp::store::test {
namespace {

class WornReadable final : public io::ReadableFile {
public:
    WornReadable(std::unique_ptr<io::ReadableFile> file, std::string name, WornDisk& disk)
        : file_(std::move(file)), name_(std::move(name)), disk_(disk) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        disk_.begin_reading();
        WCMP_ASSIGN(const auto got, file_->read_at(offset, into));
        WCMP_TRY(disk_.read(name_, offset, into.first(got)));
        return got;
    }
    Result<io::FileStatus> status() const override { return file_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return file_->map(offset, length);
    }
    Result<bool> no_writer() const override { return file_->no_writer(); }

private:
    std::unique_ptr<io::ReadableFile> file_;
    std::string name_;
    WornDisk& disk_;
};

// Only what is read is worn.
class WornWritable final : public io::WritableFile {
public:
    WornWritable(std::unique_ptr<io::WritableFile> file, std::string name, WornDisk& disk)
        : file_(std::move(file)), name_(std::move(name)), disk_(disk) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        disk_.begin_reading();
        WCMP_ASSIGN(const auto got, file_->read_at(offset, into));
        WCMP_TRY(disk_.read(name_, offset, into.first(got)));
        return got;
    }
    Result<io::FileStatus> status() const override { return file_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return file_->map(offset, length);
    }
    Result<bool> no_writer() const override { return file_->no_writer(); }
    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
        return file_->write_at(offset, bytes);
    }
    Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) override {
        return file_->start_writeback(offset, length);
    }
    Result<void> sync() override { return file_->sync(); }
    Result<void> sync_data() override { return file_->sync_data(); }
    Result<void> set_constant_times() override { return file_->set_constant_times(); }

private:
    std::unique_ptr<io::WritableFile> file_;
    std::string name_;
    WornDisk& disk_;
};

class WornDirectory final : public io::Directory {
public:
    WornDirectory(std::unique_ptr<io::Directory> directory, WornDisk& disk)
        : directory_(std::move(directory)), disk_(disk) {}

    Result<void> list(const std::function<void(std::string_view name)>& visit) const override {
        return directory_->list(visit);
    }
    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override {
        WCMP_ASSIGN(auto file, directory_->open(name));
        return std::make_unique<WornReadable>(std::move(file), std::string(name), disk_);
    }
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view name) override {
        WCMP_ASSIGN(auto file, directory_->open_for_writing(name));
        return std::make_unique<WornWritable>(std::move(file), std::string(name), disk_);
    }
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        WCMP_ASSIGN(auto file, directory_->create(name));
        return std::make_unique<WornWritable>(std::move(file), std::string(name), disk_);
    }
    Result<std::unique_ptr<io::WritableFile>> create_unnamed() override {
        return directory_->create_unnamed();
    }
    Result<void> unlink(std::string_view name) override { return directory_->unlink(name); }
    Result<void> rename(std::string_view from, std::string_view to) override {
        return directory_->rename(from, to);
    }
    Result<void> sync() override { return directory_->sync(); }
    Result<void> sync_file_system() override { return directory_->sync_file_system(); }
    Result<void> set_constant_times() override { return directory_->set_constant_times(); }
    Result<io::Space> space() const override { return directory_->space(); }
    Result<std::unique_ptr<io::Lock>> lock() override { return directory_->lock(); }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) const override {
        return directory_->open_directory(name);
    }
    Result<void> make_directory(std::string_view name) override { return directory_->make_directory(name); }

private:
    std::unique_ptr<io::Directory> directory_;
    WornDisk& disk_;
};

}  // namespace

void WornDisk::spoil(const std::string& name, std::uint64_t offset, std::uint64_t length, int os_error) {
    const std::scoped_lock lock(mutex_);
    spoiled_.emplace(name, Spoiled{offset, length, os_error});
}

void WornDisk::change_after(const std::string& name, std::uint64_t offset, unsigned readings) {
    const std::scoped_lock lock(mutex_);
    changing_.emplace(name, Changing{offset, readings});
}

void WornDisk::before_next_reading(std::function<void()> what) {
    const std::scoped_lock lock(mutex_);
    before_reading_ = std::move(what);
}

void WornDisk::begin_reading() {
    std::function<void()> what;
    {
        const std::scoped_lock lock(mutex_);
        what = std::exchange(before_reading_, nullptr);
    }
    if (what) what();
}

void WornDisk::mend() {
    const std::scoped_lock lock(mutex_);
    spoiled_.clear();
    changing_.clear();
}

std::size_t WornDisk::readings(const std::string& name) const {
    const std::scoped_lock lock(mutex_);
    const auto found = readings_.find(name);
    return found == readings_.end() ? 0 : found->second;
}

std::unique_ptr<io::Directory> WornDisk::under(std::unique_ptr<io::Directory> directory) {
    return std::make_unique<WornDirectory>(std::move(directory), *this);
}

Result<void> WornDisk::read(const std::string& name, std::uint64_t offset, MutableBytes bytes) {
    const std::scoped_lock lock(mutex_);
    ++readings_[name];
    const auto end = offset + bytes.size();
    for (auto [at, last] = spoiled_.equal_range(name); at != last; ++at) {
        const auto& place = at->second;
        if (place.offset < end && offset < place.offset + place.length)
            return std::unexpected(error_from_errno("cannot read the file", place.os_error));
    }
    for (auto [at, last] = changing_.equal_range(name); at != last; ++at) {
        auto& place = at->second;
        if (place.offset < offset || place.offset >= end) continue;
        if (place.readings_left == 0)
            bytes[static_cast<std::size_t>(place.offset - offset)] ^= 1;
        else
            --place.readings_left;
    }
    return {};
}

}  // namespace wcmp::store::test
