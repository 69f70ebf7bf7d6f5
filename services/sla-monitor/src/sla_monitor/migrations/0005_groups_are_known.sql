-- Groups are among the policies now, because agreements name them: the catalogue is read once more.
-- What is known already stays as it is.
UPDATE progress SET epoch = epoch + 1, next_offset = 0, position = 0,
    incarnation = gen_random_uuid(), halted = NULL
WHERE consumer_group = 'itsm.sla-monitor.policies';
