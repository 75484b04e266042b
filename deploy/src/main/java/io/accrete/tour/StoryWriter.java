package io.accrete.tour;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Small stories from a seed, the same on every machine. Who has a thing at the end follows from who
 * gave it to whom, so that a model has something to keep in mind.
 */
public final class StoryWriter {
    private static final List<String> NAMES =
            words("Ada Ben Cleo Dan Eva Finn Gus Hana Ivo June Kai Lena Max Nora Otto Pia");
    private static final List<String> ANIMALS =
            words("bear cat crow dog duck fox frog goat hare mouse owl pig");
    private static final List<String> MANNERS =
            words("brave clever gentle hungry lazy noisy proud quiet shy tired");
    private static final List<String> PLACES =
            words("barn cave forest garden harbour lake mill tower valley village");
    private static final List<String> COLOURS =
            words("black blue brown golden green red silver white");
    private static final List<String> THINGS =
            words("ball bell boat book box coin drum flute hat key kite lamp map ring shoe spoon");
    private static final List<String> OTHERS =
            words(
                    ". ? a day for found gave has home in is it lived near once one so the then"
                            + " thing to too traded wanted went who with");

    private final SplittableRandom random;

    private record Hero(String name, String animal, String manner) {}

    public StoryWriter(long seed) {
        this.random = new SplittableRandom(seed);
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }

    /** All words that stories are made of. */
    static NavigableSet<String> vocabulary() {
        NavigableSet<String> all = new TreeSet<>();
        Stream.of(NAMES, ANIMALS, MANNERS, PLACES, COLOURS, THINGS, OTHERS).forEach(all::addAll);
        return all;
    }

    /** As many stories, one on each line. */
    public String write(int stories) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < stories; i++) {
            text.append(story()).append('\n');
        }
        return text.toString();
    }

    private String story() {
        List<String> names = three(NAMES);
        List<String> animals = three(ANIMALS);
        List<Hero> heroes =
                Stream.of(0, 1, 2)
                        .map(i -> new Hero(names.get(i), animals.get(i), one(MANNERS)))
                        .toList();
        String home = one(PLACES);
        String colour = one(COLOURS);
        String thing = one(THINGS);
        Hero first = heroes.getFirst();
        StringBuilder text = new StringBuilder();
        text.append(
                "once %s the %s %s lived in the %s . "
                        .formatted(first.name(), first.manner(), first.animal(), home));
        text.append(
                "one day %s found a %s %s near the %s . "
                        .formatted(first.name(), colour, thing, one(PLACES)));
        int holder = 0;
        if (random.nextBoolean()) {
            int next = 1 + random.nextInt(2);
            text.append(gift(first, heroes.get(next), thing));
            holder = next;
        }
        text.append(
                "who has the %s thing ? %s has it . ".formatted(colour, heroes.get(holder).name()));
        return text.append("then %s went home to the %s .".formatted(first.name(), home))
                .toString();
    }

    private String gift(Hero from, Hero to, String thing) {
        String wish = "%s the %s wanted the %s too . ".formatted(to.name(), to.animal(), thing);
        return wish
                + (random.nextBoolean()
                        ? "so %s gave the %s to %s . ".formatted(from.name(), thing, to.name())
                        : "so %s traded the %s with %s for a %s . "
                                .formatted(from.name(), thing, to.name(), one(THINGS)));
    }

    private String one(List<String> words) {
        return words.get(random.nextInt(words.size()));
    }

    /** Different ones. */
    private List<String> three(List<String> words) {
        List<String> left = new ArrayList<>(words);
        return Stream.of(0, 1, 2).map(_ -> left.remove(random.nextInt(left.size()))).toList();
    }
}
