package io.jenkins.plugins.cockroachdb.pipeline;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Lets a pipeline be saved within a loop over a list, as Jenkins does. A category of Groovy. */
public final class SavedIterators {

    private SavedIterators() {}

    /** In place of the list's own iterator. */
    public static <T> Iterator<T> iterator(List<T> list) {
        return new SavedIterator<>(list);
    }

    private static final class SavedIterator<T> implements Iterator<T>, Serializable {

        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial") // those of a pipeline are
        private final List<T> list;

        private int next;

        SavedIterator(List<T> list) {
            this.list = list;
        }

        @Override
        public boolean hasNext() {
            return next < list.size();
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return list.get(next++);
        }
    }
}
