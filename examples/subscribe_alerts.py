"""Acts on Driftline's alerts from Python. Setup: pip install confluent-kafka fastavro
   KAFKA_BROKERS=localhost:9092 SCHEMA_REGISTRY_URL=http://localhost:8081/apis/ccompat/v7 python subscribe_alerts.py"""
import io, json, os, urllib.request
from collections import OrderedDict
from functools import cache
import confluent_kafka, fastavro

@cache
def schema(schema_id):
    with urllib.request.urlopen(f"{os.environ['SCHEMA_REGISTRY_URL']}/schemas/ids/{schema_id}") as answer:
        return fastavro.parse_schema(json.loads(json.load(answer)["schema"]))

def decode(content_type, value):
    if content_type != "application/avro":
        return json.loads(value)
    return fastavro.schemaless_reader(io.BytesIO(value[5:]), schema(int.from_bytes(value[1:5], "big")))

def act(alert):  # page, open a ticket, start a retraining; after a crash the last ones come again
    urgent = alert["status"] != "resolved" and alert["severity"] in ("major", "critical")
    print("PAGE" if urgent else "note", alert["status"], alert["severity"], alert["summary"], flush=True)

consumer = confluent_kafka.Consumer({"bootstrap.servers": os.environ.get("KAFKA_BROKERS", "localhost:9092"),
    "group.id": os.environ.get("GROUP", "alerts-in-python"), "auto.offset.reset": "earliest", "enable.auto.commit": False})
consumer.subscribe([os.environ.get("ALERTS_TOPIC", "driftline.alerts")])
seen = OrderedDict()  # the last 10,000 events by source and id: a duplicate shares both
while True:
    message = consumer.poll(1.0)
    if message is None: continue
    if message.error(): print(message.error()); continue
    headers = {name: value.decode() for name, value in message.headers() or []}
    key = (headers.get("ce_source"), headers.get("ce_id"))
    if headers.get("ce_type") == "dev.driftline.alert.v1" and key not in seen:
        act(decode(headers["content-type"], message.value()))
        seen[key] = True
        if len(seen) > 10_000: seen.popitem(last=False)
    consumer.commit(message)  # after the work: at least once
