"""What exiftool may say of a cleaned file: an allowlist, with a reason for each group.

A tag that stands nowhere here counts as identifying, so a new exiftool that reads more makes tests fail, not pass.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Harmless:
    """Some tags that tell nothing of who, where, when or with what.

    Attributes:
        reason: why they don't.
        tags: patterns of ``Group:Tag`` as exiftool's ``-G1`` names them; ``*`` stands for anything.
        value: what the whole value must look like, where only some values are harmless.
    """

    reason: str
    tags: tuple[str, ...]
    value: str = ".*"

    def covers(self, tag: str, value: str) -> bool:
        """Whether this tag with this value is one of them."""
        return any(fnmatch.fnmatchcase(tag, each) for each in self.tags) and bool(
            re.fullmatch(self.value, value, re.DOTALL)
        )


NEVER = r"0000:00:00 00:00:00(Z|\+00:00)?"
"""How exiftool writes a time that was set to zero."""

HARMLESS = (
    Harmless("which tool looked", ("ExifTool:ExifToolVersion",)),
    Harmless("the file system's, not the file's", ("System:*", "SourceFile")),
    Harmless(
        "what format it is",
        ("File:FileType", "File:FileTypeExtension", "File:MIMEType", "File:MIMEEncoding", "File:Newlines"),
    ),
    Harmless(
        "how much text there is",
        ("File:LineCount", "File:WordCount"),
    ),
    Harmless(
        "the size and the coding of a picture; seen by anyone who opens it",
        (
            "File:ImageWidth", "File:ImageHeight", "File:ImageLength", "File:BitsPerSample", "File:ColorComponents",
            "File:EncodingProcess", "File:YCbCrSubSampling", "File:ExifByteOrder", "File:ByteOrder",
            "Composite:ImageSize", "Composite:Megapixels",
        ),
    ),
    Harmless(
        "JFIF's own fields; a density of dots is fixed by the cleaner",
        ("JFIF:JFIFVersion", "JFIF:ResolutionUnit", "JFIF:XResolution", "JFIF:YResolution"),
    ),
    Harmless(
        "the turn of a picture: without it the picture would lie on its side",
        ("IFD0:Orientation",),
    ),
    Harmless(
        "the header chunks of a PNG",
        (
            "PNG:ImageWidth", "PNG:ImageHeight", "PNG:BitDepth", "PNG:ColorType", "PNG:Compression", "PNG:Filter",
            "PNG:Interlace", "PNG:Palette", "PNG:Transparency", "PNG:SRGBRendering", "PNG:AnimationFrames",
            "PNG:AnimationPlays",
        ),
    ),
    Harmless(
        "the screen descriptor of a GIF and its loop",
        (
            "GIF:GIFVersion", "GIF:ImageWidth", "GIF:ImageHeight", "GIF:HasColorMap", "GIF:ColorResolutionDepth",
            "GIF:BitsPerPixel", "GIF:BackgroundColor", "GIF:FrameCount", "GIF:Duration", "GIF:AnimationIterations",
            "GIF:PixelAspectRatio", "GIF:TransparentColor",
        ),
    ),
    Harmless(
        "the sizes of a WebP",
        (
            "RIFF:ImageWidth", "RIFF:ImageHeight", "RIFF:VP8Version", "RIFF:HorizontalScale", "RIFF:VerticalScale",
            "RIFF:WebP_Flags", "RIFF:AlphaIsUsed", "RIFF:AlphaPreprocessing", "RIFF:AlphaFiltering",
            "RIFF:AlphaCompression", "RIFF:BackgroundColor", "RIFF:AnimationLoopCount", "RIFF:FrameCount",
            "RIFF:Duration",
        ),
    ),
    Harmless(
        "a decoder needs these of a TIFF",
        (
            "IFD*:ImageWidth", "IFD*:ImageHeight", "IFD*:BitsPerSample", "IFD*:Compression",
            "IFD*:PhotometricInterpretation", "IFD*:StripOffsets", "IFD*:SamplesPerPixel", "IFD*:RowsPerStrip",
            "IFD*:StripByteCounts", "IFD*:PlanarConfiguration", "IFD*:ExtraSamples", "IFD*:SampleFormat",
            "IFD*:Predictor", "IFD*:ColorMap", "IFD*:SubfileType",
        ),
    ),
    Harmless(
        "the shape of a HEIC picture: sizes, turns, colours and what its decoder needs",
        (
            "QuickTime:HandlerType", "QuickTime:HEVCConfigurationVersion", "QuickTime:General*",
            "QuickTime:GenProfileCompatibilityFlags", "QuickTime:ConstraintIndicatorFlags",
            "QuickTime:MinSpatialSegmentationIDC", "QuickTime:ParallelismType", "QuickTime:ChromaFormat",
            "QuickTime:BitDepth*", "QuickTime:AverageFrameRate", "QuickTime:ConstantFrameRate",
            "QuickTime:NumTemporalLayers", "QuickTime:TemporalIDNested", "QuickTime:ColorProfiles",
            "QuickTime:ColorPrimaries", "QuickTime:TransferCharacteristics", "QuickTime:MatrixCoefficients",
            "QuickTime:VideoFullRangeFlag", "QuickTime:ImageSpatialExtent", "QuickTime:ImagePixelDepth",
            "QuickTime:Rotation", "QuickTime:Mirroring", "QuickTime:CleanAperture", "Meta:PrimaryItemReference",
        ),
    ),
    Harmless(
        "the size of a TIFF's page on paper, and how a fax or a photograph is coded in it",
        (
            "IFD*:XResolution", "IFD*:YResolution", "IFD*:ResolutionUnit", "IFD*:FillOrder", "IFD*:T4Options",
            "IFD*:T6Options", "IFD*:YCbCr*", "IFD*:ReferenceBlackWhite", "IFD*:JPEGTables", "IFD*:Tile*", "IFD*:InkSet",
        ),
    ),
    Harmless(
        "the sampling of a sound; heard by anyone",
        (
            "MPEG:MPEGAudioVersion", "MPEG:AudioLayer", "MPEG:AudioBitrate", "MPEG:SampleRate", "MPEG:ChannelMode",
            "MPEG:MSStereo", "MPEG:IntensityStereo", "MPEG:CopyrightFlag", "MPEG:OriginalMedia", "MPEG:Emphasis",
            "MPEG:ModeExtension", "Composite:AudioBitrate", "MPEG:VBRFrames", "MPEG:VBRBytes", "MPEG:VBRScale",
            "FLAC:BlockSizeMin", "FLAC:BlockSizeMax", "FLAC:FrameSizeMin", "FLAC:FrameSizeMax", "FLAC:SampleRate",
            "FLAC:Channels", "FLAC:BitsPerSample", "FLAC:TotalSamples", "FLAC:MD5Signature", "FLAC:SeekTable",
            "Vorbis:VorbisVersion", "Vorbis:AudioChannels", "Vorbis:SampleRate", "Vorbis:MaximumBitrate",
            "Vorbis:NominalBitrate", "Vorbis:MinimumBitrate",
            "Opus:OpusVersion", "Opus:AudioChannels", "Opus:SampleRate", "Opus:OutputGain",
            "RIFF:Encoding", "RIFF:NumChannels", "RIFF:SampleRate", "RIFF:AvgBytesPerSec", "RIFF:BitsPerSample",
            "RIFF:NumberOfSamples",
            "Composite:Duration", "Composite:AvgBitrate",
        ),
    ),
    Harmless(
        "which loudspeaker each channel is for",
        ("Vorbis:WaveformatextensibleChannelMask", "Vorbis:waveformatextensible_channel_mask"),
        "0x[0-9A-Fa-f]+",
    ),
    Harmless("who wrote a sound's comment header: nobody", ("Vorbis:Vendor", "Opus:Vendor"), ""),
    Harmless(
        "the mark of the fields for gapless playing, the same in all cleaned files whatever wrote them",
        ("MPEG:Encoder",),
        "LAME",
    ),
    Harmless(
        "the shape of a film: sizes, clocks and turns that its player needs",
        (
            "QuickTime:MajorBrand", "QuickTime:MinorVersion", "QuickTime:CompatibleBrands",
            "QuickTime:MediaDataSize", "QuickTime:MediaDataOffset", "QuickTime:MediaData",
            "QuickTime:MovieHeaderVersion", "QuickTime:TimeScale", "QuickTime:Duration", "QuickTime:NextTrackID",
            "QuickTime:MatrixStructure", "Composite:Rotation",
            "Track*:TrackHeaderVersion", "Track*:TrackID", "Track*:TrackDuration", "Track*:TrackLayer",
            "Track*:TrackVolume", "Track*:MatrixStructure", "Track*:ImageWidth", "Track*:ImageHeight",
            "Track*:MediaHeaderVersion", "Track*:MediaTimeScale", "Track*:MediaDuration", "Track*:HandlerType",
            "Track*:Unknown_edts", "Track*:Balance", "Track*:GraphicsMode", "Track*:OpColor",
            "Track*:CompressorID", "Track*:SourceImageWidth", "Track*:SourceImageHeight", "Track*:BitDepth",
            "Track*:PixelAspectRatio", "Track*:CleanApertureDimensions", "Track*:CleanAperture*",
            "Track*:ColorProfiles", "Track*:ColorPrimaries", "Track*:TransferCharacteristics",
            "Track*:MatrixCoefficients", "Track*:VideoFullRangeFlag",
            "Track*:VideoFrameRate", "Track*:AudioFormat", "Track*:AudioChannels", "Track*:AudioBitsPerSample",
            "Track*:AudioSampleRate", "Track*:*Configuration", "Track*:VideoFieldOrder", "Track*:HandlerClass",
            "Track*:PurchaseFileFormat", "Track*:Endianness", "Track*:LayoutFlags", "Track*:AudioChannelTypes",
            "Track*:NumChannelDescriptions",
            "Track*:SyncSampleTable", "Track*:CompositionTimeToSample", "Track*:TimeToSampleTable",
            "Track*:SampleToChunk", "Track*:SampleSizes", "Track*:ChunkOffset", "Track*:SampleGroupDescription",
            "Track*:SampleToGroup",
        ),
    ),
    Harmless(
        "what a decoder needs before the first sample; exiftool does not look into it",
        tuple(
            f"Track*:Unknown_{each}"
            for each in ("esds", "hvcC", "av1C", "vpcC", "dac3", "dec3", "dOps", "dfLa", "alac", "mp4a", "damr", "d263")
        ),
    ),
    Harmless(
        "fields of a film that hold what everybody's hold",
        ("QuickTime:PreferredRate", "QuickTime:PreferredVolume", "Track*:XResolution", "Track*:YResolution"),
        "1|100.00%|72",
    ),
    Harmless(
        "marks of QuickTime's player, all at the beginning",
        (
            "QuickTime:PreviewTime", "QuickTime:PreviewDuration", "QuickTime:PosterTime", "QuickTime:SelectionTime",
            "QuickTime:SelectionDuration", "QuickTime:CurrentTime",
        ),
        "0 s",
    ),
    Harmless(
        "times of a film, all set to never",
        (
            "QuickTime:CreateDate", "QuickTime:ModifyDate", "Track*:TrackCreateDate", "Track*:TrackModifyDate",
            "Track*:MediaCreateDate", "Track*:MediaModifyDate",
        ),
        NEVER,
    ),
    Harmless("no language", ("Track*:MediaLanguageCode",), "und"),
    Harmless("which PDF, and how many pages it shows", ("PDF:PDFVersion", "PDF:Linearized", "PDF:PageCount"), ".*"),
    Harmless(
        "the size of a drawing, and its name spaces",
        ("SVG:Xmlns", "SVG:SVGVersion", "SVG:ImageWidth", "SVG:ImageHeight", "SVG:ViewBox", "SVG:Version"),
    ),
    Harmless(
        "the first member of an archive: its packing, its sizes, its sum, and a name that the reader sees",
        (
            "ZIP:ZipRequiredVersion", "ZIP:ZipBitFlag", "ZIP:ZipCompression", "ZIP:ZipCRC", "ZIP:ZipCompressedSize",
            "ZIP:ZipUncompressedSize", "ZIP:ZipFileName", "ZIP:ZipFileNameLength",
        ),
    ),
    Harmless(
        "a gzip without a name, a time or a system",
        ("ZIP:Compression", "ZIP:Flags", "ZIP:ExtraFlags", "ZIP:ModifyDate", "ZIP:OperatingSystem"),
        rf"Deflated|\(none\)|unknown|{NEVER}",
    ),
    Harmless("which system a ZIP was made on: the one that has no rights of files", ("ZIP:create_system",), "Weird"),
    Harmless("what mat2 shows of any PDF", ("PDF:format",), r"PDF-1\.\d"),
    Harmless("dates of a PDF that are not there", ("PDF:mod-date", "PDF:creation-date"), "-1"),
    Harmless("the earliest time that a ZIP can hold", ("ZIP:ZipModifyDate",), r"1980:01:01 00:00:00"),
)  # fmt: skip


def harmless(tag: str, value: str) -> bool:
    """Whether exiftool may say this of a cleaned file. Copies of a tag (``IFD0:Copy1:Orientation``) count like it."""
    first, _, last = tag.partition(":")
    tag = f"{first}:{last.rpartition(':')[2]}" if last else first
    return any(each.covers(tag, value) for each in HARMLESS)


def harmless_anywhere(tag: str, value: str) -> bool:
    """The same for a tag without a group, as mat2 shows what its exiftool finds."""
    return any(
        each.covers(pattern, value)
        for each in HARMLESS
        for pattern in each.tags
        if not pattern.endswith(":*") and fnmatch.fnmatchcase(tag, pattern.rpartition(":")[2])
    )
