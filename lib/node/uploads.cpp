#include "node/uploads.h"

#include "core/limits.h"
#include "node/drive_result.h"
#include "node/failure.h"
#include "node/spooled_import.h"
#include "node/visits.h"

namespace wcmp::node {

// Writes and imports on a worker of its own; every piece of work keeps it alive until it has come back.
class SpooledUpload final : public Upload, public std::enable_shared_from_this<SpooledUpload> {
public:
    SpooledUpload(Uploads& uploads, std::shared_ptr<io::WritableFile> file)
        : uploads_(uploads), context_(uploads.context_), open_(uploads.open_), file_(std::move(file)) {
        ++*open_;
    }
    SpooledUpload(const SpooledUpload&) = delete;
    SpooledUpload& operator=(const SpooledUpload&) = delete;
    ~SpooledUpload() override { --*open_; }

    void write(Bytes part, Reply<void> reply) override {
        const auto offset = std::exchange(size_, size_ + part.size());
        const auto limit = context_.settings->api.upload_bytes_max;
        if (size_ > limit) {
            context_.home.post([reply = std::move(reply), limit]() mutable {
                reply(std::unexpected(Failure{Errc::too_large, "the bundle is over the limit", {}, limit}));
            });
            return;
        }
        auto work = [file = file_, part = std::move(part), offset, &store = context_.store,
                     keep = context_.settings->store.keep_free_bytes] {
            return spool(*file, offset, part, store, keep);
        };
        context_.home.run(worker_, std::move(work),
                          [self = shared_from_this(), reply = std::move(reply)](auto result) mutable {
                              reply(outcome(std::move(result)));
                          });
    }

    void finish(Reply<UploadResult> reply) override {
        auto arrived = [&home = context_.home, &view = uploads_.view_](std::vector<MessageKey> keys) {
            home.post([&view, keys = std::move(keys)] { view.arrived(keys); });
        };
        auto local = std::make_unique<LocalStore>(context_.store, context_.write_turn, std::move(arrived));
        auto work = [file = file_, local = std::move(local),
                     settings = visit_settings(*context_.settings, false), today = context_.keeper.today(),
                     &random = context_.random, stop = uploads_.stop_.get_token()] {
            return import_spooled(*local, file, settings, today, random, stop);
        };
        context_.home.run(worker_, std::move(work),
                          [self = shared_from_this(), reply = std::move(reply)](auto result) mutable {
                              self->finished(std::move(result), std::move(reply));
                          });
    }

private:
    void finished(Result<sync::VisitResult> result, Reply<UploadResult> reply) {
        context_.store_worked();
        uploads_.view_.refresh();
        if (!result) return reply(std::unexpected(failure(result.error())));
        uploads_.repairs_.want(result->wrong_in_store);
        context_.refusals.add(refused_counts(*result));
        uploads_.evictions_.visited(*result);
        if (result->imported == 0 && result->known == 0 && result->refused_import_share > 0)
            return reply(std::unexpected(no_share()));
        if (result->imported > 0) uploads_.changed_();
        reply(UploadResult{.imported = result->imported,
                           .known = result->known,
                           .refused = refused_counts(*result),
                           .invalid = invalid_counts(*result),
                           .damaged = result->wrong_bundles > 0});
    }

    // What of a bundle came in is an answer; nothing at all is none.
    Failure no_share() const {
        const auto wait = context_.store.wait_for_share(store::Drawer::imports, size_);
        return {.code = Errc::no_space,
                .detail = "the store is full: its limit is reached, and what it takes in a time beyond that",
                .retry_after = std::max(wait, std::chrono::seconds(1))};
    }

    Uploads& uploads_;
    Context& context_;
    std::shared_ptr<std::size_t> open_;  // outlives the node: a piece of work may go after it
    std::shared_ptr<io::WritableFile> file_;
    std::uint64_t size_ = 0;
    Worker worker_;
};

Uploads::Uploads(Context& context, View& view, Repairs& repairs, Evictions& evictions,
                 std::function<void()> changed)
    : context_(context),
      view_(view),
      repairs_(repairs),
      evictions_(evictions),
      changed_(std::move(changed)) {}

void Uploads::begin(Reply<std::shared_ptr<Upload>> reply) {
    if (*open_ >= limits::uploads_at_once_max) {
        context_.home.post([reply = std::move(reply)]() mutable {
            reply(std::unexpected(Failure{Errc::busy, "too many bundles are being sent; try again"}));
        });
        return;
    }
    auto work = [&store = context_.store] { return store.directory().create_unnamed(); };
    context_.home.run(context_.reader_worker, std::move(work),
                      [this, reply = std::move(reply)](auto file) mutable {
                          if (!file) return reply(std::unexpected(failure(file.error())));
                          reply(std::make_shared<SpooledUpload>(*this, std::move(*file)));
                      });
}

}  // namespace wcmp::node
