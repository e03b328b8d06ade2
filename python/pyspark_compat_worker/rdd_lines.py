"""Elements of an RDD as lines of text files, which readers of JSON and CSV take."""
import os


class ToLines:
    """Ends a job by writing each partition's elements as lines of the file of its number; what is no string is written as str() has it.

    An element is one record: line ends within it become spaces. Blank ones are left out, and so is `header` (a line).
    """

    def __init__(self, folder, header=None):
        self._folder = folder
        self._header = header

    def __call__(self, split, iterator):
        with open(os.path.join(self._folder, str(split)), "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            for element in iterator:
                line = line_of(element)
                if line.strip() and line != self._header:
                    file.write(line + "\n")
        return iter(())


def line_of(element):
    """One element's line."""
    text = element if isinstance(element, str) else str(element)
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
