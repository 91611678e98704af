"""What the processes of a database server take, and for which models of dbt."""

import re
import threading
from collections import Counter

import psutil
import psycopg

ENGINE, ENGINE_GOAL = "intermediate/cost/", 0.5
"""The folder of the cost engine; at most what it takes of what its facts take."""
SAMPLE_SECONDS = 0.2
NODE = re.compile(r'"node_id": "([^"]+)"')
WORKING = """
select pid, query from pg_stat_activity
where backend_type in ('client backend', 'parallel worker') and pid <> pg_backend_pid()
"""


class Watch:
    """The CPU-seconds and peak memory of a server's processes, as long as it lasts.

    `nodes` holds the part that was seen to be for one of dbt's nodes.
    """

    def __init__(self, server):
        self.server, self.nodes, self.peak, self.cpu = server, Counter(), 0, 0.0
        self._seen, self._is_over = {}, threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self):
        """Begin to watch."""
        self._thread.start()
        self._before = self.server.cpu()
        return self

    def __exit__(self, *_):
        """Take the sum of all processes, those included that ended."""
        self._is_over.set()
        self._thread.join()
        self.cpu = self.server.cpu() - self._before

    def _sample(self):
        with psycopg.connect(self.server.dsn, autocommit=True) as connection:
            while not self._is_over.wait(SAMPLE_SECONDS):
                found = connection.execute(WORKING).fetchall()
                self.peak = max(self.peak, sum(map(self._look_at, found)))

    def _look_at(self, working):
        """Note what a process took since it was looked at; return its own memory."""
        pid, query = working
        try:
            process = psutil.Process(pid)
            took, memory = process.cpu_times(), process.memory_info()
        except psutil.NoSuchProcess:
            return 0
        node = NODE.search(query)
        before, name = self._seen.get(pid, (0, "none"))
        name = node[1] if node else name
        seconds = took.user + took.system
        self.nodes[name] += seconds - before
        self._seen[pid] = seconds, name
        return memory.rss - memory.shared

    def tell_nodes(self, count=8):
        """Print what the tests took, and the models that took most."""
        tests = sum(s for name, s in self.nodes.items() if name.startswith("test."))
        print(f"  tests: {tests / self.cpu:.1%}; of one model (goal <= 25 %):")
        models = Counter(
            {n: s for n, s in self.nodes.items() if n.startswith("model.")}
        )
        for name, seconds in models.most_common(count):
            print(f"    {name.split('.')[2]}: {seconds / self.cpu:.1%}")

    def tell_engine(self, manifest):
        """Print what the cost engine took of what the models that it reads took."""
        names = engine(manifest)
        cost = sum(self.nodes[name] for name in names)
        facts = sum(self.nodes[name] for name in read_by(manifest, names))
        print(
            f"cost engine ({len(names)} models) / what it reads: {cost / facts:.1%}  "
            f"goal <= {ENGINE_GOAL:.0%}  ({cost:.1f} of {facts:.1f} CPU-s)"
        )


def engine(manifest):
    """Return the models of the cost engine: its folder, and the facts that read it."""
    models = {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    inner = {n for n, node in models.items() if node["path"].startswith(ENGINE)}
    return inner | {
        name
        for name, node in models.items()
        if node["path"].startswith("conformed/")
        and inner.intersection(node["depends_on"]["nodes"])
    }


def read_by(manifest, names):
    """Return the models that some others are made of, themselves apart."""
    found, waiting = set(), list(names)
    while waiting:
        for parent in manifest["parent_map"].get(waiting.pop(), ()):
            if parent.startswith("model.") and parent not in found | names:
                found.add(parent)
                waiting.append(parent)
    return found
