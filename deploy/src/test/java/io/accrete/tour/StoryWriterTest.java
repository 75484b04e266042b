package io.accrete.tour;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class StoryWriterTest {
    private static final Pattern FOUND = Pattern.compile("one day (\\w+) found a \\w+ (\\w+)");
    private static final Pattern GIVEN =
            Pattern.compile("so (\\w+) (?:gave the \\w+ to|traded the \\w+ with) (\\w+)");
    private static final Pattern ASKED = Pattern.compile("thing \\? (\\w+) has it");

    @Test
    void whoHasTheThingFollowsFromTheStory() {
        for (String story : new StoryWriter(3).write(300).lines().toList()) {
            Matcher found = FOUND.matcher(story);
            assertThat(found.find()).isTrue();
            String holder = found.group(1);
            Matcher given = GIVEN.matcher(story);
            while (given.find()) {
                assertThat(given.group(1)).isEqualTo(holder);
                holder = given.group(2);
            }
            Matcher asked = ASKED.matcher(story);
            assertThat(asked.find()).isTrue();
            assertThat(asked.group(1)).as(story).isEqualTo(holder);
        }
    }

    @Test
    void everyWordHasAToken() {
        assertThat(StoryWriter.vocabulary())
                .containsAll(List.of(new StoryWriter(3).write(500).split("\\s+")));
    }

    @Test
    void theSameSeedTellsTheSameStories() {
        String stories = new StoryWriter(3).write(20);
        assertThat(new StoryWriter(3).write(20)).isEqualTo(stories);
        assertThat(new StoryWriter(4).write(20)).isNotEqualTo(stories);
    }
}
