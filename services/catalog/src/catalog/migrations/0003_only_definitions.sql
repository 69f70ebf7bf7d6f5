-- Their rows were taken over by `definitions`, and nothing has read or written them since.
DROP TABLE organisations, services, priority_matrices, agreements;
