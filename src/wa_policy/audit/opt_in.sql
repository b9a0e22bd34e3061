-- The opt-in audit: what wa-policy counts in the data, and how. DuckDB's dialect; wa-policy translates it for other engines.
--
-- It reads three tables, every column of which is text as the files have it:
--   users   (id, mobile, opt_in)   a workspace's users; opt_in is moe_wa_subscription, the "WhatsApp Subscription Status"
--   bsp     (mobile, status)       the provider's opt-in list; a list without a status has 'opted_in' in every row
--   imports (id, opt_in)           a file about to be imported into MoEngage; 'skipped' for a cell that the import leaves out,
--                                  as MoEngage does with null and "" in NDJSON (an empty cell of a CSV file wipes the value)
-- A table that does not apply is empty. The result is one row for each measure and, of some, each calling code: (measure,
-- calling_code, n). A calling code with one user tells of that person: wa-policy puts small groups together before it writes
-- evidence, and whoever runs this elsewhere keeps the result out of the repository.
--
-- Each step below is one SELECT, and later steps read it under its name.

-- The text without these characters, wherever they stand. (A list of characters with a hyphen has it at its end.)
CREATE MACRO without(given_text, characters) AS regexp_replace(given_text, '[' || characters || ']+', '', 'g');

-- White space of all kinds, and the marks without width that come along when a number is copied from a page or a chat.
CREATE MACRO white_space() AS
  chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(28) || chr(29) || chr(30) || chr(31) || chr(32) || chr(133)
  || chr(160) || chr(173) || chr(5760) || chr(6158) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196)
  || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8204) || chr(8205)
  || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238)
  || chr(8239) || chr(8287) || chr(8288) || chr(8294) || chr(8295) || chr(8296) || chr(8297) || chr(12288) || chr(65279);

-- Punctuation that carries no meaning in a number: ( ) . " ' and the kinds of hyphen, dash and minus.
CREATE MACRO punctuation() AS
  '()."' || chr(39) || chr(8208) || chr(8209) || chr(8210) || chr(8211) || chr(8212) || chr(8722) || '-';

-- The digits of other scripts. WhatsApp, MoEngage and the providers take 0-9 alone.
CREATE MACRO other_digits() AS
  '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯੦੧੨੩੪੫੬੭੮੯૦૧૨૩૪૫૬૭૮૯୦୧୨୩୪୫୬୭୮୯௦௧௨௩௪௫௬௭௮௯౦౧౨౩౪౫౬౭౮౯೦೧೨೩೪೫೬೭೮೯൦൧൨൩൪൫൬൭൮൯'
  || '๐๑๒๓๔๕๖๗๘๙໐໑໒໓໔໕໖໗໘໙༠༡༢༣༤༥༦༧༨༩၀၁၂၃၄၅၆၇၈၉០១២៣៤៥៦៧៨៩０１２３４５６７８９';

-- WhatsApp itself takes these for one number: Brazil's mobile numbers with and without their ninth digit, Mexico's with and
-- without the 1 and Argentina's with and without the 9 after the calling code. The number as WhatsApp knows it.
CREATE MACRO known_as(written) AS CASE
  WHEN written BETWEEN 540000000000 AND 5599999999999 THEN CASE
    WHEN written BETWEEN 550000000000 AND 559999999999 AND substr(CAST(written AS VARCHAR), 5, 1) IN ('6', '7', '8', '9')
      THEN CAST(substr(CAST(written AS VARCHAR), 1, 4) || '9' || substr(CAST(written AS VARCHAR), 5) AS BIGINT)
    WHEN written BETWEEN 5210000000000 AND 5219999999999
      THEN CAST('52' || substr(CAST(written AS VARCHAR), 4) AS BIGINT)
    WHEN written BETWEEN 5490000000000 AND 5499999999999
      THEN CAST('54' || substr(CAST(written AS VARCHAR), 4) AS BIGINT)
    ELSE written
  END
  ELSE written
END;

-- step: calling_codes
-- The calling codes that the ITU has assigned, with the fewest and the most digits of the mobile numbers behind each (as in
-- libphonenumber; Mexico's with the 1 that WhatsApp used to want). The lengths are asked of numbers without a plus only: written
-- so, 9876543210 is an Indian number that lacks its calling code, and no number of Iran (98).
SELECT code, fewest, most
FROM (
  VALUES
    ('1', 10, 10), ('20', 10, 10), ('211', 9, 9), ('212', 9, 9), ('213', 9, 9), ('216', 8, 8), ('218', 9, 9),
    ('220', 7, 9), ('221', 9, 9), ('222', 8, 8), ('223', 8, 8), ('224', 9, 9), ('225', 10, 10), ('226', 8, 8),
    ('227', 8, 8), ('228', 8, 8), ('229', 10, 10), ('230', 8, 8), ('231', 7, 9), ('232', 8, 8), ('233', 9, 9),
    ('234', 10, 10), ('235', 8, 8), ('236', 8, 8), ('237', 9, 9), ('238', 7, 7), ('239', 7, 7), ('240', 9, 9),
    ('241', 7, 8), ('242', 9, 9), ('243', 7, 9), ('244', 9, 9), ('245', 9, 9), ('246', 7, 7), ('247', 5, 5),
    ('248', 7, 7), ('249', 9, 9), ('250', 9, 9), ('251', 9, 9), ('252', 7, 9), ('253', 8, 8), ('254', 9, 9),
    ('255', 9, 9), ('256', 9, 9), ('257', 8, 8), ('258', 9, 9), ('260', 9, 9), ('261', 9, 9), ('262', 9, 9),
    ('263', 9, 9), ('264', 9, 9), ('265', 9, 9), ('266', 8, 8), ('267', 8, 8), ('268', 8, 8), ('269', 7, 7),
    ('27', 5, 9), ('290', 5, 5), ('291', 7, 7), ('297', 7, 7), ('298', 6, 6), ('299', 6, 6), ('30', 10, 10),
    ('31', 9, 11), ('32', 9, 9), ('33', 9, 9), ('34', 9, 9), ('350', 8, 8), ('351', 9, 9), ('352', 9, 9),
    ('353', 9, 9), ('354', 7, 9), ('355', 9, 9), ('356', 8, 8), ('357', 8, 8), ('358', 6, 10), ('359', 8, 9),
    ('36', 9, 9), ('370', 8, 8), ('371', 8, 8), ('372', 7, 8), ('373', 8, 8), ('374', 8, 8), ('375', 9, 9),
    ('376', 6, 9), ('377', 8, 9), ('378', 8, 8), ('380', 9, 9), ('381', 8, 10), ('382', 8, 8), ('383', 8, 8),
    ('385', 8, 9), ('386', 8, 8), ('387', 8, 9), ('389', 8, 8), ('39', 9, 10), ('40', 9, 9), ('41', 9, 9),
    ('420', 9, 9), ('421', 9, 9), ('423', 7, 9), ('43', 7, 13), ('44', 10, 10), ('45', 8, 8), ('46', 9, 9),
    ('47', 8, 8), ('48', 9, 9), ('49', 10, 11), ('500', 5, 5), ('501', 7, 7), ('502', 8, 8), ('503', 8, 8),
    ('504', 8, 8), ('505', 8, 8), ('506', 8, 8), ('507', 7, 8), ('508', 6, 9), ('509', 8, 8), ('51', 9, 9),
    ('52', 10, 11), ('53', 8, 8), ('54', 10, 11), ('55', 10, 11), ('56', 9, 9), ('57', 10, 10), ('58', 10, 10),
    ('590', 9, 9), ('591', 8, 8), ('592', 7, 7), ('593', 9, 9), ('594', 9, 9), ('595', 9, 9), ('596', 9, 9),
    ('597', 7, 7), ('598', 8, 8), ('599', 7, 8), ('60', 9, 10), ('61', 9, 9), ('62', 9, 12), ('63', 10, 10),
    ('64', 8, 10), ('65', 8, 8), ('66', 9, 9), ('670', 8, 8), ('672', 6, 6), ('673', 7, 7), ('674', 7, 7),
    ('675', 8, 8), ('676', 7, 7), ('677', 5, 7), ('678', 7, 7), ('679', 7, 7), ('680', 7, 7), ('681', 6, 6),
    ('682', 5, 5), ('683', 4, 7), ('685', 7, 10), ('686', 8, 8), ('687', 6, 6), ('688', 6, 7), ('689', 8, 8),
    ('690', 4, 7), ('691', 7, 7), ('692', 7, 7), ('7', 10, 10), ('800', 8, 8), ('808', 8, 8), ('81', 10, 10),
    ('82', 9, 10), ('84', 9, 9), ('850', 10, 10), ('852', 8, 8), ('853', 8, 8), ('855', 8, 9), ('856', 9, 10),
    ('86', 11, 11), ('870', 9, 12), ('878', 12, 12), ('880', 10, 10), ('881', 9, 10), ('882', 7, 12),
    ('883', 8, 12), ('886', 9, 9), ('888', 11, 11), ('90', 10, 10), ('91', 10, 10), ('92', 10, 10), ('93', 9, 9),
    ('94', 9, 9), ('95', 7, 10), ('960', 7, 7), ('961', 7, 8), ('962', 9, 9), ('963', 9, 9), ('964', 10, 10),
    ('965', 8, 8), ('966', 9, 9), ('967', 9, 9), ('968', 8, 8), ('970', 9, 9), ('971', 9, 9), ('972', 9, 9),
    ('973', 8, 8), ('974', 8, 8), ('975', 8, 8), ('976', 8, 8), ('977', 10, 10), ('979', 9, 9), ('98', 10, 10),
    ('992', 9, 9), ('993', 8, 8), ('994', 9, 9), ('995', 9, 9), ('996', 9, 9), ('998', 9, 9)
) AS assigned (code, fewest, most)

-- step: beginnings
-- The first three digits of any number, and the calling code that they begin with; without one where none is assigned, and for 0,
-- which stands for no number. No calling code begins like another.
WITH digits AS (
  SELECT digit FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS ten (digit)
),

first_three AS (
  SELECT CAST(hundreds.digit * 100 + tens.digit * 10 + ones.digit AS SMALLINT) AS beginning
  FROM digits AS hundreds
  CROSS JOIN digits AS tens
  CROSS JOIN digits AS ones
  WHERE hundreds.digit > 0 OR hundreds.digit + tens.digit + ones.digit = 0
),

prefixes AS (
  SELECT
    beginning,
    CAST(beginning AS VARCHAR) AS three,
    substr(CAST(beginning AS VARCHAR), 1, 2) AS two,
    substr(CAST(beginning AS VARCHAR), 1, 1) AS one
  FROM first_three
),

begun AS (
  SELECT
    prefixes.beginning,
    COALESCE(of_one.code, of_two.code, of_three.code) AS code,
    COALESCE(of_one.fewest, of_two.fewest, of_three.fewest) AS fewest,
    COALESCE(of_one.most, of_two.most, of_three.most) AS most
  FROM prefixes
  LEFT JOIN calling_codes AS of_one ON of_one.code = prefixes.one
  LEFT JOIN calling_codes AS of_two ON of_two.code = prefixes.two
  LEFT JOIN calling_codes AS of_three ON of_three.code = prefixes.three
)

SELECT
  beginning,
  CAST(code AS SMALLINT) AS code,
  CAST(length(code) + fewest AS TINYINT) AS fewest,
  CAST(length(code) + most AS TINYINT) AS most
FROM begun

-- step: words
-- The words of a status that are known, in lower case, and what they say (see "at_sight").
SELECT CAST(side AS TINYINT) AS side, word, CAST(status AS SMALLINT) AS status
FROM (
  VALUES
    -- users: TRUE, FALSE and blank
    (1, 'true', 1), (1, 'false', 2), (1, '', 4), (1, 'null', 4),
    -- numeric, and words
    (1, '1', 8), (1, '0', 8), (1, '1.0', 8), (1, '0.0', 8), (1, 'yes', 16), (1, 'no', 16), (1, 'y', 16), (1, 'n', 16),
    (1, 't', 16), (1, 'f', 16), (1, 'on', 16), (1, 'off', 16),
    -- the words of moe_sms_subscription and of the providers' lists
    (1, 'optin', 32), (1, 'opt-in', 32), (1, 'opt_in', 32), (1, 'opted_in', 32), (1, 'opted-in', 32), (1, 'in', 32),
    (1, 'subscribed', 32), (1, 'opt-in pending', 32), (1, 'opt-inpending', 32), (1, 'optout', 32), (1, 'opt-out', 32),
    (1, 'opt_out', 32), (1, 'opted_out', 32), (1, 'opted-out', 32), (1, 'out', 32), (1, 'unsubscribed', 32),
    -- bsp: opted in
    (2, 'opted_in', 128), (2, 'opted-in', 128), (2, 'optin', 128), (2, 'opt_in', 128), (2, 'opt-in', 128),
    (2, 'in', 128), (2, 'true', 128), (2, 'yes', 128), (2, 'active', 128), (2, 'subscribed', 128),
    -- opted out
    (2, 'opted_out', 256), (2, 'opted-out', 256), (2, 'optout', 256), (2, 'opt_out', 256), (2, 'opt-out', 256),
    (2, 'out', 256), (2, 'false', 256), (2, 'no', 256), (2, 'inactive', 256), (2, 'unsubscribed', 256),
    (2, 'blocked', 256),
    -- imports: blank
    (3, '', 1024), (3, 'null', 1024)
) AS listed (side, word, status)

-- step: at_sight
-- Every row of the three tables, its cells read if they are tidy, as most are. The others are kept as they stand, for "mended".
-- Here the expressions are few and plain, because all rows go through them.
--   side          1 users, 2 bsp, 3 imports; -1, -2, -3: a row of theirs with a cell that is not tidy
--   status        users: 1 TRUE, 2 FALSE, 4 blank, and what MoEngage does not take for either: 8 numeric, 16 words,
--                 32 SMS vocabulary, 64 other. bsp: 128 opted in, 256 opted out, 512 neither of these words. imports: 1024 blank,
--                 2048 anything else. NULL: not tidy. (Each is a bit of its own: BIT_OR of them says which there are.)
--   calling_code  of a number that is E.164, with or without the plus; NULL of a missing one
--   written       that number as it is written; NULL of a missing one
--   said          the status as it stands, if it is not tidy, else NULL
--   mobile        the number as it stands, if it is not tidy, else NULL. If it stands here, calling_code and written mean nothing
WITH given AS (
  SELECT CAST(1 AS TINYINT) AS side, id, mobile, opt_in AS said FROM users
  UNION ALL
  SELECT CAST(2 AS TINYINT) AS side, CAST(NULL AS VARCHAR) AS id, mobile, status AS said FROM bsp
  UNION ALL
  SELECT CAST(3 AS TINYINT) AS side, id, CAST(NULL AS VARCHAR) AS mobile, opt_in AS said FROM imports
),

-- whole: the cell as a number, where the engine takes it for one. (The cast to VARCHAR changes nothing; an engine whose TRY_CAST
-- takes text alone sees by it that it is given text.)
cells AS (
  SELECT
    side,
    NULLIF(id, '') AS id,
    said,
    lower(COALESCE(said, '')) AS word,
    mobile,
    length(mobile) AS characters,
    TRY_CAST(CAST(mobile AS VARCHAR) AS BIGINT) AS whole
  FROM given
),

counted AS (
  SELECT
    side, id, said, word, mobile, characters, whole,
    CAST(CASE
      WHEN whole >= 100000000000 AND whole < 1000000000000 THEN 12
      WHEN whole >= 10000000000 AND whole < 100000000000 THEN 11
      WHEN whole >= 1000000000000 AND whole < 10000000000000 THEN 13
      WHEN whole >= 1000000000 AND whole < 10000000000 THEN 10
      WHEN whole >= 10000000000000 AND whole < 100000000000000 THEN 14
      WHEN whole >= 100000000 AND whole < 1000000000 THEN 9
      WHEN whole >= 10000000 AND whole < 100000000 THEN 8
      WHEN whole >= 1000000 AND whole < 10000000 THEN 7
      WHEN whole >= 100000000000000 AND whole < 1000000000000000 THEN 15
    END AS TINYINT) AS digit_count
  FROM cells
),

begun AS (
  SELECT
    side, id, said, word, mobile, characters, whole, digit_count,
    CAST(CASE digit_count
      WHEN 12 THEN floor(CAST(whole AS DOUBLE) / 1000000000)
      WHEN 11 THEN floor(CAST(whole AS DOUBLE) / 100000000)
      WHEN 13 THEN floor(CAST(whole AS DOUBLE) / 10000000000)
      WHEN 14 THEN floor(CAST(whole AS DOUBLE) / 100000000000)
      WHEN 10 THEN floor(CAST(whole AS DOUBLE) / 10000000)
      WHEN 9 THEN floor(CAST(whole AS DOUBLE) / 1000000)
      WHEN 8 THEN floor(CAST(whole AS DOUBLE) / 100000)
      WHEN 7 THEN floor(CAST(whole AS DOUBLE) / 10000)
      WHEN 15 THEN floor(CAST(whole AS DOUBLE) / 1000000000000)
      ELSE 0
    END AS SMALLINT) AS beginning
  FROM counted
),

-- number: 2 missing; 1 E.164: as many digits as characters, but for a plus in front, the first of them 1 to 9. What engines take for
-- a whole number besides (blanks, 1_000, 1.0, 0x1F) has more characters than digits or begins otherwise; 12E2 has an E, and is as
-- long as the number that it stands for only if that ends in 00.
judged AS (
  SELECT
    side, id, said, mobile, whole, code,
    CASE
      WHEN side = 2 THEN CASE word
        WHEN 'opted_in' THEN CAST(128 AS SMALLINT)
        WHEN 'opted_out' THEN CAST(256 AS SMALLINT)
        WHEN '' THEN CAST(512 AS SMALLINT)
      END
      WHEN side = 1 THEN CASE word
        WHEN 'true' THEN CAST(1 AS SMALLINT)
        WHEN 'false' THEN CAST(2 AS SMALLINT)
        WHEN '' THEN CAST(4 AS SMALLINT)
        WHEN 'null' THEN CAST(4 AS SMALLINT)
      END
      ELSE CASE word
        WHEN '' THEN CAST(1024 AS SMALLINT)
        WHEN 'true' THEN CAST(2048 AS SMALLINT)
        WHEN 'false' THEN CAST(2048 AS SMALLINT)
        WHEN 'skipped' THEN CAST(2048 AS SMALLINT)
      END
    END AS status,
    CASE
      WHEN code IS NULL THEN CASE WHEN COALESCE(mobile, '') = '' THEN CAST(2 AS TINYINT) END
      WHEN whole % 100 = 0 AND strpos(lower(mobile), 'e') > 0 THEN NULL
      WHEN characters = digit_count + 1 THEN CASE WHEN mobile >= '+1' AND mobile < '+:' THEN CAST(1 AS TINYINT) END
      WHEN characters = digit_count THEN CASE
        WHEN mobile >= '1' AND mobile < ':' AND digit_count >= fewest AND digit_count <= most THEN CAST(1 AS TINYINT)
      END
    END AS number
  FROM begun
  INNER JOIN beginnings ON beginnings.beginning = begun.beginning
)

SELECT
  CASE
    WHEN status IS NULL THEN CAST(0 - side AS TINYINT)
    WHEN number IS NULL THEN CAST(0 - side AS TINYINT)
    ELSE side
  END AS side,
  id,
  status,
  code AS calling_code,
  whole AS written,
  CASE WHEN status IS NULL THEN said END AS said,
  CASE WHEN number IS NULL THEN mobile END AS mobile
FROM judged

-- step: untidy
-- The rows with a cell that is not tidy, copied out. They are a few here and there, and an engine that works on blocks of rows would
-- go through all of "mended" for the few of each block.
SELECT CAST(0 - side AS TINYINT) AS side, id, status, calling_code, written, said, mobile
FROM at_sight
WHERE side < 0

-- step: mended
-- Those rows, looked at more closely. Columns and their values are those of "at_sight", and besides:
--   spaces        1 if the status was read only after white space around it was taken away, else 0
--   number        1 E.164, with or without the plus; 2 missing; made E.164 without a guess: 3 by taking out white space,
--                 4 by taking out punctuation, 5 by taking off a ".0" or ".00", 6 by a plus for 00; not E.164, and nobody can say which
--                 number it is: 11 a spreadsheet's exponent (digits are lost), 12 digits that are not 0-9, 13 letters,
--                 14 a trunk 0, 15 begins with no calling code, 16 too short, 17 too long, 18 other

-- word and bare: the texts without white space, but for the blank of 'opt-in pending', which is MoEngage's own word for SMS. They
-- are NULL of a cell that is tidy, and so is all that is made of them.
WITH without_white_space AS (
  SELECT
    side, id, status, calling_code, written, said, mobile,
    replace(
      without(replace(lower(said), 'opt-in pending', 'opt-in_pending'), white_space()), 'opt-in_pending', 'opt-in pending'
    ) AS word,
    without(mobile, white_space()) AS bare
  FROM untidy
),

-- shape: what is left of the number without its digits.
shaped AS (
  SELECT
    side, id, status, calling_code, written, said, mobile, word, bare,
    lower(without(bare, '0123456789')) AS shape
  FROM without_white_space
),

-- signs: the shape without punctuation.
with_signs AS (
  SELECT
    side, id, status, calling_code, written, said, mobile, word, bare, shape,
    without(shape, punctuation()) AS signs
  FROM shaped
),

-- tight: the number without punctuation.
tightened AS (
  SELECT
    side, id, status, calling_code, written, said, mobile, word, bare, shape, signs,
    CASE WHEN shape = signs THEN bare ELSE without(bare, punctuation()) END AS tight
  FROM with_signs
),

cells_read AS (
  SELECT
    tightened.side, id, calling_code, written, mobile, tight,
    length(bare) - strpos(bare, '.') AS decimals,
    CASE
      WHEN tightened.status IS NOT NULL THEN tightened.status
      -- white space is taken away around a word, not inside it
      WHEN strpos(lower(said), tightened.word) > 0 AND words.status IS NOT NULL THEN words.status
      WHEN tightened.side = 1 THEN CAST(64 AS SMALLINT)
      WHEN tightened.side = 2 THEN CAST(512 AS SMALLINT)
      ELSE CAST(2048 AS SMALLINT)
    END AS status,
    CASE
      WHEN length(tightened.word) < length(said) AND strpos(lower(said), tightened.word) > 0 AND words.status <= 4
        THEN CAST(1 AS TINYINT)
      ELSE CAST(0 AS TINYINT)
    END AS spaces,
    CASE
      WHEN mobile IS NULL AND written IS NULL THEN CAST(2 AS TINYINT)
      WHEN mobile IS NULL THEN CAST(1 AS TINYINT)
      WHEN tight = '' OR lower(bare) = 'null' THEN CAST(2 AS TINYINT)
      WHEN shape IN ('e', 'e+', '.e', '.e+', ',e', ',e+', '+e', '+e+', '+.e', '+.e+', '+,e', '+,e+') THEN CAST(11 AS TINYINT)
      WHEN signs <> '' AND signs <> '+' AND without(signs, other_digits()) <> signs THEN CAST(12 AS TINYINT)
      WHEN signs <> '' AND signs <> '+' AND without(signs, 'abcdefghijklmnopqrstuvwxyz') <> signs THEN CAST(13 AS TINYINT)
      WHEN signs <> '' AND NOT (signs = '+' AND left(tight, 1) = '+') THEN CAST(18 AS TINYINT)
      WHEN strpos(bare, '(0)') > 0 THEN CAST(14 AS TINYINT)
      WHEN (shape = '.' OR shape = '+.') AND right(bare, 1) = '0' AND replace(substr(bare, strpos(bare, '.')), '0', '') = '.'
        THEN CAST(5 AS TINYINT)
      WHEN left(tight, 2) = '00' THEN CAST(6 AS TINYINT)
      WHEN left(tight, 1) = '0' THEN CAST(14 AS TINYINT)
      WHEN tight <> bare THEN CAST(4 AS TINYINT)
      WHEN bare <> mobile THEN CAST(3 AS TINYINT)
      ELSE CAST(1 AS TINYINT)
    END AS number
  FROM tightened
  LEFT JOIN words ON words.side = tightened.side AND words.word = tightened.word
),

-- digits: what is left of a number without plus, 00 and ".0".
digits_found AS (
  SELECT
    side, id, status, spaces, number, calling_code, written, mobile, tight,
    CASE
      WHEN number = 2 OR number > 6 THEN NULL
      WHEN number = 6 THEN substr(tight, 3)
      WHEN number = 5 AND left(tight, 1) = '+' THEN substr(tight, 2, length(tight) - 1 - decimals)
      WHEN number = 5 THEN substr(tight, 1, length(tight) - decimals)
      WHEN left(tight, 1) = '+' THEN substr(tight, 2)
      ELSE tight
    END AS digits
  FROM cells_read
),

-- mended: the digits as a number. international: a plus or 00 says that the calling code is there.
digits_read AS (
  SELECT
    side, id, status, spaces, calling_code, written, mobile, digits,
    CASE WHEN left(digits, 1) = '0' THEN CAST(15 AS TINYINT) ELSE number END AS number,
    TRY_CAST(CAST(digits AS VARCHAR) AS BIGINT) AS mended,
    length(digits) AS digit_count,
    left(tight, 1) = '+' OR number = 6 AS international,
    CAST(CASE WHEN length(digits) >= 7 AND left(digits, 1) <> '0' THEN left(digits, 3) ELSE '0' END AS SMALLINT) AS beginning
  FROM digits_found
),

judged AS (
  SELECT
    side, id, status, spaces, calling_code, written, mobile, mended, code,
    CASE
      WHEN digits IS NULL OR number = 15 THEN number
      WHEN digit_count < 7 THEN CAST(16 AS TINYINT)
      WHEN digit_count > 15 THEN CAST(17 AS TINYINT)
      WHEN code IS NULL THEN CAST(15 AS TINYINT)
      WHEN NOT international AND digit_count < fewest THEN CAST(16 AS TINYINT)
      WHEN NOT international AND digit_count > most THEN CAST(17 AS TINYINT)
      ELSE number
    END AS number
  FROM digits_read
  INNER JOIN beginnings ON beginnings.beginning = digits_read.beginning
)

SELECT
  side,
  id,
  status,
  spaces,
  number,
  CASE WHEN mobile IS NULL THEN calling_code WHEN number <> 2 AND number <= 6 THEN code END AS calling_code,
  CASE WHEN mobile IS NULL THEN written WHEN number <> 2 AND number <= 6 THEN mended END AS written
FROM judged

-- step: typed
-- Every row of the three tables, read. Columns are those of "at_sight" and "mended", and besides:
--   phone   the number as WhatsApp knows it; NULL if it is missing, or if nobody can say which it is
--   legacy  1 if that is another form of the number as written, else 0
WITH all_rows AS (
  SELECT
    side,
    id,
    status,
    CAST(0 AS TINYINT) AS spaces,
    CASE WHEN written IS NULL THEN CAST(2 AS TINYINT) ELSE CAST(1 AS TINYINT) END AS number,
    calling_code,
    written
  FROM at_sight
  WHERE side > 0
  UNION ALL
  SELECT side, id, status, spaces, number, calling_code, written
  FROM mended
)

SELECT
  side,
  id,
  status,
  spaces,
  number,
  calling_code,
  written,
  known_as(written) AS phone,
  CASE WHEN known_as(written) <> written THEN CAST(1 AS TINYINT) ELSE CAST(0 AS TINYINT) END AS legacy
FROM all_rows

-- step: kinds
-- How many rows there are of each kind. (A status is one of one side.) Rows that were tidy are counted where they stand, by as few
-- columns as tell them apart: they are nearly all.
WITH counted AS (
  SELECT status, 0 AS spaces, CASE WHEN calling_code IS NULL THEN 2 ELSE 1 END AS number, calling_code, COUNT(*) AS n
  FROM at_sight
  WHERE side > 0
  GROUP BY status, calling_code
  UNION ALL
  SELECT status, spaces, number, calling_code, COUNT(*) AS n
  FROM mended
  GROUP BY status, spaces, number, calling_code
)

SELECT CASE WHEN status < 128 THEN 1 WHEN status < 1024 THEN 2 ELSE 3 END AS side, status, spaces, number, calling_code, n
FROM counted

-- step: ids
-- One row: what the users' ids tell. A blank cell of an import takes away what MoEngage knows of that user.
WITH by_id AS (
  SELECT id, COUNT(CASE WHEN side = 1 THEN 1 END) AS user_rows, BIT_OR(status) AS statuses
  FROM typed
  WHERE id IS NOT NULL
  GROUP BY id
),

-- Ids that do not differ in these, counted, so that all that follows is about a few rows.
alike AS (
  SELECT user_rows, statuses, COUNT(*) AS ids
  FROM by_id
  GROUP BY user_rows, statuses
),

told AS (
  SELECT
    user_rows,
    ids,
    CASE WHEN (statuses & 1) = 1 THEN 1 ELSE 0 END AS is_true,
    CASE WHEN (statuses & 2) = 2 THEN 1 ELSE 0 END AS is_false,
    CASE WHEN (statuses & 1024) = 1024 THEN 1 ELSE 0 END AS import_blank
  FROM alike
)

SELECT
  COALESCE(SUM(user_rows * ids), 0) AS users_with_id,
  COALESCE(SUM(CASE WHEN user_rows > 1 THEN ids END), 0) AS repeated,
  COALESCE(SUM(CASE WHEN user_rows > 1 THEN user_rows * ids END), 0) AS rows_of_repeated,
  COALESCE(SUM(CASE WHEN is_true = 1 AND is_false = 1 THEN ids END), 0) AS contradicting,
  COALESCE(SUM(CASE WHEN is_true = 1 AND import_blank = 1 THEN ids END), 0) AS would_wipe,
  COALESCE(SUM(CASE WHEN is_true = 0 AND is_false = 1 AND import_blank = 1 THEN ids END), 0) AS would_wipe_false,
  COALESCE(SUM(CASE WHEN user_rows = 0 THEN ids END), 0) AS unknown
FROM told

-- step: numbers
-- One row: what the numbers tell, of the users among themselves and against the provider's list. A number that has opted in and
-- out in that list counts as opted out, which is the safe side.
WITH by_number AS (
  SELECT
    phone,
    COUNT(CASE WHEN side = 1 THEN 1 END) AS users,
    COUNT(CASE WHEN status = 1 THEN 1 END) AS users_true,
    BIT_OR(status) AS statuses
  FROM typed
  WHERE written IS NOT NULL
  GROUP BY phone
),

-- Numbers that do not differ in these, counted.
alike AS (
  SELECT users, users_true, statuses, COUNT(*) AS numbers
  FROM by_number
  GROUP BY users, users_true, statuses
),

told AS (
  SELECT
    users,
    users_true,
    numbers,
    CASE WHEN (statuses & 2) = 2 THEN 1 ELSE 0 END AS is_false,
    CASE WHEN (statuses & 128) = 128 THEN 1 ELSE 0 END AS is_in,
    CASE WHEN (statuses & 256) = 256 THEN 1 ELSE 0 END AS is_out,
    CASE WHEN (statuses & 896) > 0 THEN 1 ELSE 0 END AS at_bsp
  FROM alike
)

SELECT
  COALESCE(SUM(CASE WHEN users > 1 THEN numbers END), 0) AS repeated,
  COALESCE(SUM(CASE WHEN users > 1 THEN users * numbers END), 0) AS users_of_repeated,
  COALESCE(SUM(CASE WHEN users_true > 0 AND is_false = 1 THEN numbers END), 0) AS contradicting,
  COALESCE(SUM(CASE WHEN at_bsp = 1 THEN numbers END), 0) AS bsp_total,
  COALESCE(SUM(CASE WHEN is_in = 1 AND is_out = 0 THEN numbers END), 0) AS bsp_in,
  COALESCE(SUM(CASE WHEN is_out = 1 THEN numbers END), 0) AS bsp_out,
  COALESCE(SUM(CASE WHEN at_bsp = 1 AND is_in = 0 AND is_out = 0 THEN numbers END), 0) AS bsp_status_unknown,
  COALESCE(SUM(CASE WHEN is_in = 1 AND is_out = 1 THEN numbers END), 0) AS bsp_contradicting,
  COALESCE(SUM(CASE WHEN is_in = 1 AND is_out = 0 THEN users_true * numbers END), 0) AS known,
  COALESCE(SUM(CASE WHEN is_in = 0 AND is_out = 0 THEN users_true * numbers END), 0) AS unknown,
  COALESCE(SUM(CASE WHEN is_out = 1 THEN users_true * numbers END), 0) AS opted_out,
  COALESCE(SUM(CASE WHEN is_in = 1 AND is_out = 0 THEN (users - users_true) * numbers END), 0) AS not_true_but_in,
  COALESCE(SUM(CASE WHEN at_bsp = 1 AND users = 0 THEN numbers END), 0) AS only_at_bsp
FROM told

-- step: legacy_forms
-- One row: users with TRUE whom the provider knows under the other form of their number alone.
WITH by_form AS (
  SELECT
    phone,
    COUNT(CASE WHEN status = 1 AND legacy = 0 THEN 1 END) AS users_new,
    COUNT(CASE WHEN status = 1 AND legacy = 1 THEN 1 END) AS users_legacy,
    MAX(CASE WHEN side = 2 AND legacy = 0 THEN 1 ELSE 0 END) AS bsp_new,
    MAX(CASE WHEN side = 2 AND legacy = 1 THEN 1 ELSE 0 END) AS bsp_legacy
  FROM typed
  WHERE calling_code IN (52, 54, 55)
  GROUP BY phone
)

SELECT
  COALESCE(SUM(CASE WHEN bsp_new = 0 AND bsp_legacy = 1 THEN users_new WHEN bsp_new = 1 AND bsp_legacy = 0 THEN users_legacy END), 0)
    AS matched
FROM by_form

-- step: measures
-- The result.
WITH names_of_kinds AS (
  SELECT side, measure, about, value
  FROM (
    VALUES
    (1, 'users.total', 'row', 0),
    (1, 'users.true', 'status', 1),
    (1, 'users.false', 'status', 2),
    (1, 'users.blank', 'status', 4),
    (1, 'users.invalid', 'invalid', 1),
    (1, 'dirt.spaces', 'spaces', 1),
    (1, 'dirt.numeric', 'status', 8),
    (1, 'dirt.words', 'status', 16),
    (1, 'dirt.sms_vocabulary', 'status', 32),
    (1, 'dirt.other', 'status', 64),
    (1, 'numbers.e164', 'number', 1),
    (1, 'numbers.missing', 'number', 2),
    (1, 'numbers.mended.spaces', 'number', 3),
    (1, 'numbers.mended.separators', 'number', 4),
    (1, 'numbers.mended.decimal', 'number', 5),
    (1, 'numbers.mended.double_zero', 'number', 6),
    (1, 'numbers.not_e164.exponent', 'number', 11),
    (1, 'numbers.not_e164.unicode_digits', 'number', 12),
    (1, 'numbers.not_e164.letters', 'number', 13),
    (1, 'numbers.not_e164.trunk_zero', 'number', 14),
    (1, 'numbers.not_e164.calling_code', 'number', 15),
    (1, 'numbers.not_e164.too_short', 'number', 16),
    (1, 'numbers.not_e164.too_long', 'number', 17),
    (1, 'numbers.not_e164.other', 'number', 18),
    (1, 'bsp.not_compared', 'true_without_number', 1),
    (2, 'bsp.rows', 'row', 0),
    (2, 'bsp.invalid_numbers', 'without_number', 1),
    (3, 'import.rows', 'row', 0),
    (3, 'import.blank', 'status', 1024)
  ) AS listed (side, measure, about, value)
),

-- one row of each side without anything in it, so that what does not occur is counted as 0
all_kinds AS (
  SELECT side, status, spaces, number, calling_code, n FROM kinds
  UNION ALL
  SELECT side, 0 AS status, 0 AS spaces, 0 AS number, NULL AS calling_code, 0 AS n
  FROM (VALUES (1), (2), (3)) AS sides (side)
),

of_kinds AS (
  SELECT
    names_of_kinds.measure,
    SUM(CASE
      WHEN about = 'row' THEN n
      WHEN about = 'status' AND status = value THEN n
      WHEN about = 'invalid' AND status > 4 THEN n
      WHEN about = 'spaces' AND spaces = value THEN n
      WHEN about = 'number' AND number = value THEN n
      WHEN about = 'without_number' AND calling_code IS NULL THEN n
      WHEN about = 'true_without_number' AND status = 1 AND calling_code IS NULL THEN n
      ELSE 0
    END) AS n
  FROM all_kinds
  INNER JOIN names_of_kinds ON names_of_kinds.side = all_kinds.side
  GROUP BY names_of_kinds.measure
),

of_ids AS (
  SELECT
    measure,
    CASE measure
      WHEN 'repeated.rows_without_id' THEN users - users_with_id
      WHEN 'repeated.ids' THEN repeated
      WHEN 'repeated.rows_of_ids' THEN rows_of_repeated
      WHEN 'repeated.contradicting_ids' THEN contradicting
      WHEN 'import.would_wipe' THEN would_wipe
      WHEN 'import.would_wipe_false' THEN would_wipe_false
      WHEN 'import.unknown_ids' THEN unknown
    END AS n
  FROM ids
  CROSS JOIN (SELECT COALESCE(SUM(n), 0) AS users FROM kinds WHERE side = 1) AS all_users
  CROSS JOIN (
    VALUES
    ('repeated.rows_without_id'), ('repeated.ids'), ('repeated.rows_of_ids'), ('repeated.contradicting_ids'),
    ('import.would_wipe'), ('import.would_wipe_false'), ('import.unknown_ids')
  ) AS names_of_ids (measure)
),

of_numbers AS (
  SELECT
    measure,
    CASE measure
      WHEN 'repeated.numbers' THEN repeated
      WHEN 'repeated.users_of_numbers' THEN users_of_repeated
      WHEN 'repeated.contradicting_numbers' THEN contradicting
      WHEN 'bsp.total' THEN bsp_total
      WHEN 'bsp.opted_in_total' THEN bsp_in
      WHEN 'bsp.opted_out_total' THEN bsp_out
      WHEN 'bsp.status_unknown' THEN bsp_status_unknown
      WHEN 'bsp.contradicting' THEN bsp_contradicting
      WHEN 'bsp.known' THEN known
      WHEN 'bsp.unknown' THEN unknown
      WHEN 'bsp.opted_out' THEN opted_out
      WHEN 'bsp.not_true_but_opted_in' THEN not_true_but_in
      WHEN 'bsp.only_at_bsp' THEN only_at_bsp
    END AS n
  FROM numbers
  CROSS JOIN (
    VALUES
    ('repeated.numbers'), ('repeated.users_of_numbers'), ('repeated.contradicting_numbers'), ('bsp.total'),
    ('bsp.opted_in_total'), ('bsp.opted_out_total'), ('bsp.status_unknown'), ('bsp.contradicting'), ('bsp.known'),
    ('bsp.unknown'), ('bsp.opted_out'), ('bsp.not_true_but_opted_in'), ('bsp.only_at_bsp')
  ) AS names_of_numbers (measure)
),

of_calling_codes AS (
  SELECT
    measure,
    CAST(calling_code AS VARCHAR) AS calling_code,
    SUM(CASE
      WHEN measure = 'calling_codes.total' THEN n
      WHEN measure = 'calling_codes.true' AND status = 1 THEN n
      WHEN measure = 'calling_codes.false' AND status = 2 THEN n
      WHEN measure = 'calling_codes.blank' AND status = 4 THEN n
      WHEN measure = 'calling_codes.invalid' AND status > 4 THEN n
      ELSE 0
    END) AS n
  FROM kinds
  CROSS JOIN (
    VALUES
    ('calling_codes.total'), ('calling_codes.true'), ('calling_codes.false'), ('calling_codes.blank'), ('calling_codes.invalid')
  ) AS names_of_groups (measure)
  WHERE side = 1 AND calling_code IS NOT NULL
  GROUP BY measure, calling_code
)

SELECT measure, '' AS calling_code, CAST(n AS BIGINT) AS n FROM of_kinds
UNION ALL
SELECT measure, '' AS calling_code, CAST(n AS BIGINT) AS n FROM of_ids
UNION ALL
SELECT measure, '' AS calling_code, CAST(n AS BIGINT) AS n FROM of_numbers
UNION ALL
SELECT 'bsp.legacy_matched' AS measure, '' AS calling_code, CAST(matched AS BIGINT) AS n FROM legacy_forms
UNION ALL
SELECT measure, calling_code, CAST(n AS BIGINT) AS n FROM of_calling_codes
ORDER BY measure, calling_code
