"""What the DAGs share, and no DAG itself.

- ``assets``       what one DAG leaves for another
- ``settings``     Variables and Connections, and what becomes of them in a step's environment
- ``steps``        one of the pipeline's functions, called in the pipeline's environment by ``child``
"""
