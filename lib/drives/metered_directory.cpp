#include "drives/metered_directory.h"

#include "core/limits.h"
#include "drives/forwarding_directory.h"

#include <cerrno>

namespace wcmp::drives {

Result<void> Meter::spend(std::uint64_t bytes) {
    ++pulse_->beats;
    const std::scoped_lock guard(mutex_);
    bytes_ += bytes;
    if (bytes_ <= bytes_max_) return {};
    stop_.request_stop();
    if (bytes_ - bytes_max_ <= limits::visit_overdraft_bytes) return {};
    return fail(Errc::cancelled, "the visit has read and written as much as it may");
}

Result<void> Meter::may_open() const {
    if (stop_.stop_requested()) return fail(Errc::cancelled, "the visit was asked to end");
    return {};
}

Result<void> Meter::may_write() const {
    const std::scoped_lock guard(mutex_);
    if (failure_) return std::unexpected(*failure_);
    return {};
}

void Meter::note(const Error& error) {
    // That this process has no descriptor or no memory left says nothing about the medium.
    const bool is_ours = error.os_error == EMFILE || error.os_error == ENFILE || error.os_error == ENOMEM;
    if (failure_ || is_ours) return;
    if (error.code == Errc::io) failure_ = error;
    if (error.code == Errc::read_only && writable_)
        failure_ = Error{Errc::io, "the drive has become read-only during the visit", error.os_error};
}

Result<void> Meter::noted(Result<void> written) {
    ++pulse_->beats;
    const std::scoped_lock guard(mutex_);
    if (!written) note(written.error());
    return written;
}

void Meter::noted(const io::Space& space) {
    const std::scoped_lock guard(mutex_);
    if (space.read_only) note({Errc::read_only, "the drive is read-only", EROFS});
}

// A full medium may say so only when it is synced; what was written to it is lost just the same.
Result<void> Meter::noted_sync(Result<void> synced) {
    ++pulse_->beats;
    const std::scoped_lock guard(mutex_);
    if (synced) return synced;
    const auto code = synced.error().code;
    if ((code == Errc::io || code == Errc::no_space) && !failure_) failure_ = synced.error();
    note(synced.error());
    return synced;
}

bool Meter::used_up() const {
    const std::scoped_lock guard(mutex_);
    return bytes_ > bytes_max_;
}

std::optional<Error> Meter::failure() const {
    const std::scoped_lock guard(mutex_);
    return failure_;
}

namespace {

using io::Directory;

// Base: io::ReadableFile or io::WritableFile.
template <class Base>
class MeteredFile : public Base {
public:
    MeteredFile(std::unique_ptr<Base> inner, std::shared_ptr<Meter> meter)
        : inner_(std::move(inner)), meter_(std::move(meter)) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        WCMP_ASSIGN(const auto count, inner_->read_at(offset, into));
        WCMP_TRY(meter_->spend(count));
        return count;
    }
    Result<io::FileStatus> status() const override { return inner_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        WCMP_TRY(meter_->spend(length));
        return inner_->map(offset, length);
    }
    Result<bool> no_writer() const override { return inner_->no_writer(); }

protected:
    std::unique_ptr<Base> inner_;
    std::shared_ptr<Meter> meter_;
};

class MeteredWritableFile final : public MeteredFile<io::WritableFile> {
public:
    using MeteredFile::MeteredFile;

    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
        WCMP_TRY(meter_->may_write());
        WCMP_TRY(meter_->spend(bytes.size()));
        return meter_->noted(inner_->write_at(offset, bytes));
    }
    Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) override {
        return inner_->start_writeback(offset, length);
    }
    Result<void> sync() override {
        WCMP_TRY(meter_->may_write());
        return meter_->noted_sync(inner_->sync());
    }
    Result<void> sync_data() override {
        WCMP_TRY(meter_->may_write());
        return meter_->noted_sync(inner_->sync_data());
    }
    Result<void> set_constant_times() override { return inner_->set_constant_times(); }
};

class MeteredDirectory final : public ForwardingDirectory {
public:
    MeteredDirectory(std::unique_ptr<Directory> inner, std::shared_ptr<Meter> meter)
        : ForwardingDirectory(std::move(inner)), meter_(std::move(meter)) {}

    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override {
        WCMP_TRY(meter_->may_open());
        WCMP_ASSIGN(auto file, ForwardingDirectory::open(name));
        return std::make_unique<MeteredFile<io::ReadableFile>>(std::move(file), meter_);
    }
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view name) override {
        WCMP_TRY(meter_->may_write());
        return to_write(ForwardingDirectory::open_for_writing(name));
    }
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        WCMP_TRY(meter_->may_write());
        return to_write(ForwardingDirectory::create(name));
    }
    Result<std::unique_ptr<io::WritableFile>> create_unnamed() override {
        WCMP_TRY(meter_->may_write());
        return to_write(ForwardingDirectory::create_unnamed());
    }
    Result<void> unlink(std::string_view name) override {
        WCMP_TRY(meter_->may_write());
        return meter_->noted(ForwardingDirectory::unlink(name));
    }
    Result<void> rename(std::string_view from, std::string_view to) override {
        WCMP_TRY(meter_->may_write());
        return meter_->noted(ForwardingDirectory::rename(from, to));
    }
    Result<void> make_directory(std::string_view name) override {
        WCMP_TRY(meter_->may_write());
        return meter_->noted(ForwardingDirectory::make_directory(name));
    }
    Result<void> sync() override {
        WCMP_TRY(meter_->may_write());
        return meter_->noted_sync(ForwardingDirectory::sync());
    }
    Result<void> sync_file_system() override {
        WCMP_TRY(meter_->may_write());
        return meter_->noted_sync(ForwardingDirectory::sync_file_system());
    }
    Result<io::Space> space() const override {
        auto space = ForwardingDirectory::space();
        if (space) meter_->noted(*space);
        return space;
    }
    Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override {
        WCMP_TRY(meter_->may_open());
        WCMP_ASSIGN(auto directory, ForwardingDirectory::open_directory(name));
        return metered(std::move(directory), meter_);
    }

private:
    Result<std::unique_ptr<io::WritableFile>> to_write(Result<std::unique_ptr<io::WritableFile>> file) {
        if (!file) {
            WCMP_TRY(meter_->noted(std::unexpected(file.error())));
            return file;
        }
        return std::make_unique<MeteredWritableFile>(std::move(*file), meter_);
    }

    std::shared_ptr<Meter> meter_;
};

}  // namespace

std::unique_ptr<Directory> metered(std::unique_ptr<Directory> directory, std::shared_ptr<Meter> meter) {
    return std::make_unique<MeteredDirectory>(std::move(directory), std::move(meter));
}

}  // namespace wcmp::drives
