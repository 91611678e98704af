-- Every entry cites a publication and the hashes of its verdict
select
    'post.entry ' || entry.natural_key as subject,
    'its hashes are not those of publication ' || entry.publication_id as problem
from post.entry as entry
inner join ops.publication as publication
    on entry.publication_id = publication.publication_id
where
    entry.data_hash <> publication.data_hash
    or entry.suite_hash <> publication.suite_hash
