package sluice.proxy.body;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Part;
import sluice.openai.FormReader;
import sluice.openai.FormValues;
import sluice.openai.MalformedBody;
import sluice.proxy.body.Body.ModelCheck;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;

/**
 * What is known of a body that is a form, as it passes: the beginning, kept back until its model is known, and the
 * closing boundary, which is not sent before the model is allowed. A body that is no form passes unchanged.
 */
public final class Form {
    /** The most of a form that is kept back while its model is unknown, in bytes. */
    static final int MOST_KEPT_BACK = 256 * 1024;

    /** The last bytes of a body, held back until its values are checked. */
    private static final int TAIL = 16;

    private static final Buffer NOTHING = Buffer.buffer();

    private final @Nullable FormReader reader;
    private final @Nullable String pathModel;
    private final @Nullable String defaultModel;
    private final @Nullable Part share;
    private @Nullable FormValues values;
    private Buffer tail = NOTHING;
    private Buffer keptBack = Buffer.buffer();
    private boolean whole;
    private boolean over;
    private boolean judged;

    private Form(@Nullable FormReader reader, @Nullable String pathModel, @Nullable String defaultModel,
            @Nullable Part share) {
        this.reader = reader;
        this.pathModel = pathModel;
        this.defaultModel = defaultModel;
        this.share = share;
    }

    /** For a body that is no form. */
    public static Form none() {
        return new Form(null, null, null, null);
    }

    /**
     * Begins before the first byte has arrived.
     *
     * @param pathModel    the model that the path names, or null
     * @param defaultModel the model used if neither names one; null if one must be named
     * @param share        the memory that holds what is kept back
     */
    public static Form of(FormReader reader, @Nullable String pathModel, @Nullable String defaultModel,
            Part share) {
        return new Form(reader, pathModel, defaultModel, share);
    }

    /** The same form, scanned for ids of stored objects before its end is sent. */
    public Form watched(FormValues watching) {
        values = watching;
        return this;
    }

    /** Keeps a piece back; true once that is enough: the model is known, or as much is kept back as allowed. */
    boolean keepBack(Buffer piece) throws MalformedBody {
        keptBack.appendBuffer(accept(piece));
        return ownModel() != null || keptBack.length() >= MOST_KEPT_BACK;
    }

    /** All of it is kept back. */
    void keptWhole() {
        whole = true;
    }

    /** The model as far as it is known now; null if it may still arrive. */
    @Nullable
    public String model() {
        String own = ownModel();
        if (own != null) {
            return own;
        }
        return pathModel != null ? pathModel : whole || over ? defaultModel : null;
    }

    /** Whether the path and the form name different models. */
    public boolean contradicts() {
        String own = ownModel();
        return own != null && pathModel != null && !own.equals(pathModel);
    }

    /** The model known by now has been allowed. */
    public void allowed() {
        judged = model() != null;
    }

    /** Whether this is a form, so that its beginning has been read. */
    boolean begun() {
        return reader != null;
    }

    /** Whether all of it is kept back, so that it can be sent again. */
    public boolean whole() {
        return whole;
    }

    /** Whether it may be longer when it goes upstream than when it arrived. */
    boolean grows() {
        return pathModel != null && ownModel() == null;
    }

    /** What was kept back. */
    Buffer keptBack() {
        return keptBack;
    }

    /** Takes the next piece; returns what may be sent on. */
    Buffer accept(Buffer piece) throws MalformedBody {
        if (values != null) {
            values.accept(piece);
        }
        return reader != null ? reader.accept(piece) : values != null ? allButItsEnd(piece) : piece;
    }

    /** Without its last bytes a form is incomplete. */
    private Buffer allButItsEnd(Buffer piece) {
        Buffer all = Buffer.buffer(tail.length() + piece.length()).appendBuffer(tail).appendBuffer(piece);
        int passing = Math.max(0, all.length() - TAIL);
        tail = all.getBuffer(passing, all.length());
        return all.getBuffer(0, passing);
    }

    /** Checks a model that has arrived by now; each is checked once. */
    Future<Void> judge(ModelCheck check) {
        String own = ownModel();
        if (contradicts()) {
            return Refusal.of(new Reason.TwoModels(String.valueOf(pathModel)));
        }
        if (judged || own == null) {
            return Future.succeededFuture();
        }
        judged = true;
        return check.apply(own);
    }

    /** The body is over: returns what closes the form, if it may be closed. */
    Future<Buffer> end(ModelCheck check) {
        over = true;
        return (values == null ? Future.<Void>succeededFuture() : check.objects(values.ids()))
                .compose(own -> rest(check));
    }

    private Future<Buffer> rest(ModelCheck check) {
        if (reader == null) {
            return Future.succeededFuture(tail);
        }
        if (!judged && pathModel == null && ownModel() == null) {
            judged = true;
            return defaultModel == null
                    ? Refusal.of(new Reason.MissingModel())
                    : check.apply(defaultModel).compose(allowed -> close(reader));
        }
        return judge(check).compose(allowed -> close(reader));
    }

    void release() {
        keptBack = NOTHING;
        if (share != null) {
            share.close();
        }
    }

    private Future<Buffer> close(FormReader read) {
        try {
            return Future.succeededFuture(read.end(ownModel() == null ? pathModel : null));
        } catch (MalformedBody fault) {
            return Refusal.of(new Reason.BadBody(fault));
        }
    }

    private @Nullable String ownModel() {
        return reader == null ? null : reader.model();
    }
}
