"""Amazon Kinesis, by name: there is no Kinesis client here."""
from pyspark_compat.storagelevel import StorageLevel
from pyspark_compat_worker.errors import not_implemented

__all__ = ["KinesisUtils", "InitialPositionInStream", "MetricsLevel", "utf8_decoder"]


class InitialPositionInStream:
    LATEST, TRIM_HORIZON = (0, 1)


class MetricsLevel:
    DETAILED, SUMMARY, NONE = (0, 1, 2)


def utf8_decoder(s):
    """Bytes as text; None stays None."""
    return None if s is None else s.decode("utf-8")


class KinesisUtils:
    """Raises by name."""

    @staticmethod
    def createStream(ssc, kinesisAppName, streamName, endpointUrl, regionName, initialPositionInStream, checkpointInterval,
                     metricsLevel=MetricsLevel.DETAILED, storageLevel=StorageLevel.MEMORY_AND_DISK_2, awsAccessKeyId=None,
                     awsSecretKey=None, decoder=utf8_decoder, stsAssumeRoleArn=None, stsSessionName=None,
                     stsExternalId=None):
        """Not implemented: raises NOT_IMPLEMENTED. Read the stream with Kafka's or a socket's source instead."""
        raise not_implemented("KinesisUtils.createStream")
